from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from applications.factories import create_application
from events import writer
from events.models import Event
from events.records import Json, moment_of
from ingest import pipeline
from ingest.factories import create_batch, create_record
from loghandler import bulk, partitions, statements
from loghandler.statements import Connection, Row, Statement, Work
from stats import rollups
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
    poison = create_record("Poison", user=Json(b"1e999999"), event_id=uuid4())
    outcome = pipeline.accept(
        application.pk, create_batch(create_record(), poison, create_record())
    )
    assert len(outcome.accepted) == 2
    assert [rejection.index for rejection in outcome.rejected] == [1]
    assert HourCount.objects.get().n == 2


@pytest.mark.parametrize("size", [1, bulk.FEW, bulk.FEW + 1])
def test_storing_costs_the_same_round_trips_for_one_event_and_for_many(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = create_application()
    records = [create_record(f"message {n}", event_id=uuid4()) for n in range(size)]
    sent: list[list[Statement]] = []
    run = statements.run

    def noted(connection: Connection, work: Sequence[Work]) -> list[list[Row]]:
        sent.append([statement for statement, _ in work])
        return run(connection, work)

    monkeypatch.setattr(statements, "run", noted)
    pipeline.accept(application.pk, create_batch(*records))
    counting = [rollups.ADD_MESSAGES, rollups.ADD_MINUTES, rollups.ADD_HOURS]
    inserting = [writer.TABLE.inserting] if size <= bulk.FEW else []  # else COPY
    assert sent == [[writer.LEDGER.claiming], [*inserting, *counting]]


def test_ids_are_scoped_to_the_application() -> None:
    record = create_record(event_id=uuid4())
    for _ in range(2):
        outcome = pipeline.accept(create_application().pk, create_batch(record))
        assert len(outcome.accepted) == 1


def test_one_id_twice_in_a_batch_is_stored_once() -> None:
    event_id = uuid4()
    records = [
        create_record("first", event_id=event_id),
        create_record("second", event_id=event_id),
    ]
    outcome = pipeline.accept(create_application().pk, create_batch(*records))
    assert [event.record.message for event in outcome.accepted] == [Event.objects.get().message]
    assert len(outcome.duplicates) == 1


def test_a_resend_across_midnight_is_a_resend() -> None:
    application = create_application()
    record = create_record(event_id=uuid4())
    midnight = datetime.combine(partitions.today(), datetime.min.time(), UTC)
    moments = [midnight + timedelta(seconds=n) for n in (-1, 1, 59, 61, 3600)]
    outcomes = [
        pipeline.accept(application.pk, create_batch(record), received_at=moment)
        for moment in moments
    ]
    assert [len(outcome.accepted) for outcome in outcomes] == [1, 0, 0, 0, 0]
    assert {o.duplicates[0].received_at for o in outcomes[1:]} == {moments[0]}


def test_a_poisoned_record_that_is_mended_and_sent_again_is_stored() -> None:
    application = create_application()
    event_id = uuid4()
    for user, stored in ((Json(b"1e999999"), 0), (Json(b"1"), 1)):
        record = create_record(user=user, event_id=event_id)
        outcome = pipeline.accept(application.pk, create_batch(record))
        assert len(outcome.accepted) == stored


def test_an_empty_batch_is_nothing() -> None:
    outcome = pipeline.accept(create_application().pk, create_batch())
    assert not outcome.accepted


def test_a_batch_may_tell_the_moment_of_each_of_its_events() -> None:
    application = create_application()
    today = datetime.combine(partitions.today(), datetime.min.time(), UTC)
    later = today + timedelta(hours=5, microseconds=2_700)
    moments = [today - timedelta(days=40), later, later, today]
    records = [create_record(f"message {n}") for n in range(4)]
    accepted = pipeline.accept(application.pk, create_batch(*records), received_at=moments).accepted
    to_the_millisecond = [
        moment.replace(microsecond=moment.microsecond // 1000 * 1000) for moment in moments
    ]
    assert [event.received_at for event in accepted] == to_the_millisecond
    assert [moment_of(event.id) for event in accepted] == to_the_millisecond
    newest_first = Event.objects.of(application.pk).newest_first()
    assert [event.message for event in newest_first] == [f"message {n}" for n in (2, 1, 3, 0)]
    assert HourCount.objects.count() == 3


def test_moments_and_events_of_different_number_are_not_stored() -> None:
    batch = create_batch(create_record(), create_record())
    with pytest.raises(ValueError, match="longer than"):
        pipeline.accept(create_application().pk, batch, received_at=[datetime.now(UTC)])
    assert not Event.objects.exists()
