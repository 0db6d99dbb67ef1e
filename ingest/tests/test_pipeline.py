from uuid import uuid4

import pytest

from applications.factories import create_application
from events.models import Event
from events.records import Json
from ingest import pipeline
from ingest.factories import create_batch, create_record
from stats.models import HourCount, MessageCount, MinuteCount

pytestmark = pytest.mark.django_db


def test_stored_events_are_counted_in_every_rollup() -> None:
    application = create_application()
    pipeline.accept(
        application.pk, create_batch(create_record(), create_record(), create_record("Other"))
    )
    assert Event.objects.of(application.pk).count() == 3
    assert sum(MinuteCount.objects.values_list("n", flat=True)) == 3
    assert sum(HourCount.objects.values_list("n", flat=True)) == 3
    assert sorted(MessageCount.objects.values_list("n", flat=True)) == [1, 2]


def test_a_resent_event_is_stored_once_and_answered_with_its_first_identity() -> None:
    application = create_application()
    record = create_record(event_id=uuid4())
    first = pipeline.accept(application.pk, create_batch(record))
    again = pipeline.accept(application.pk, create_batch(record))
    assert [event.id for event in again.duplicates] == [event.id for event in first.accepted]
    assert not again.accepted
    assert Event.objects.count() == 1
    assert HourCount.objects.get().n == 1


def test_one_poisoned_record_costs_only_itself() -> None:
    application = create_application()
    poison = create_record("Poison", stack=Json(b"1e999999"), event_id=uuid4())
    outcome = pipeline.accept(
        application.pk, create_batch(create_record(), poison, create_record())
    )
    assert len(outcome.accepted) == 2
    assert [rejection.index for rejection in outcome.rejected] == [1]
    assert HourCount.objects.get().n == 2
