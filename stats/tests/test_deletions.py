from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import time_machine
from django.db import connection
from django.db.models import Sum
from procrastinate.contrib.django.models import ProcrastinateJob

from applications import deletion
from applications.factories import create_application, create_member
from applications.models import Application, Membership
from events.models import Event
from ingest import pipeline
from ingest.factories import create_batch, create_record
from loghandler import database_lock, queue
from stats import deletions, retention
from stats.models import HourCount, MessageCount

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _now(settings: Any) -> Iterator[None]:
    settings.KEY_CACHE_SECONDS = 0
    with time_machine.travel(NOW, tick=False):
        yield


def application_with_events(**fields: Any) -> Application:
    """One that has an event of each of the last ten days."""
    application = create_application(**fields)
    for days_ago in range(10):
        record = create_record(f"message {days_ago % 2}", event_id=uuid4())
        received_at = NOW - days_ago * DAY
        pipeline.accept(application.pk, create_batch(record), received_at=received_at)
    return application


def carry_all_out() -> int:
    """How many turns it took."""
    turns = 0
    while deletions.carry_out():
        turns += 1
    return turns


def statistics_agree() -> bool:
    counted = [model.objects.aggregate(n=Sum("n"))["n"] for model in (HourCount, MessageCount)]
    return counted == [Event.objects.count()] * 2


def wish(application: Application) -> datetime | None:
    return Application.objects.get(pk=application.pk).delete_events_before


def test_without_a_wish_there_is_nothing_to_do() -> None:
    application_with_events()
    assert not deletions.carry_out()
    assert Event.objects.count() == 10


def test_a_wanted_application_goes_with_everything_that_was_stored_for_it() -> None:
    gone, kept = application_with_events(), application_with_events()
    create_member(gone)
    deletion.want(gone)
    assert carry_all_out()
    assert list(Application.objects.all()) == [kept]
    assert not Membership.objects.exists()
    assert set(Event.objects.values_list("application_id", flat=True)) == {kept.pk}
    assert set(HourCount.objects.values_list("application_id", flat=True)) == {kept.pk}


def test_events_before_the_moment_go_and_the_wish_with_them() -> None:
    application, other = application_with_events(), application_with_events()
    deletion.want_events(application, NOW - 3 * DAY)
    assert carry_all_out()
    moments = set(Event.objects.of(application.pk).values_list("received_at", flat=True))
    assert moments == {NOW - days * DAY for days in range(4)}
    assert Event.objects.of(other.pk).count() == 10
    assert wish(application) is None
    assert statistics_agree()


def test_long_work_is_done_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletions, "SECONDS", -1.0)
    monkeypatch.setattr(retention, "_BATCH_EVENTS", 2)
    application = application_with_events()
    deletion.want_events(application, NOW)
    assert deletions.carry_out()
    assert Event.objects.count() == 8
    assert wish(application) == NOW
    assert statistics_agree()
    assert carry_all_out() == 5
    assert Event.objects.count() == 1
    assert wish(application) is None


def test_an_interrupted_deletion_of_an_application_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deletions, "SECONDS", -1.0)
    application = application_with_events()
    deletion.want(application)
    assert deletions.carry_out()
    assert Application.objects.filter(pk=application.pk).exists()
    assert carry_all_out() > 2
    assert not Application.objects.exists()
    assert not Event.objects.exists()


def test_a_wider_wish_of_meanwhile_is_carried_out_too(monkeypatch: pytest.MonkeyPatch) -> None:
    application = application_with_events()
    deletion.want_events(application, NOW - 5 * DAY)
    batches = retention.event_batches

    def slow(application: Application, before: datetime) -> Iterator[int]:
        yield from batches(application, before)
        deletion.want_events(application, NOW - 2 * DAY)

    with monkeypatch.context() as patched:
        patched.setattr(retention, "event_batches", slow)
        assert deletions.carry_out()
    assert wish(application) == NOW - 2 * DAY
    assert carry_all_out() == 1
    assert Event.objects.count() == 3
    assert wish(application) is None


def test_a_wish_stays_while_events_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    application = application_with_events()
    deletion.want_events(application, NOW - 5 * DAY)
    with monkeypatch.context() as patched:  # another process has locked the last batch
        patched.setattr(retention, "event_batches", lambda application, before: iter(()))
        assert deletions.carry_out()
    assert wish(application) is not None
    carry_all_out()
    assert wish(application) is None


def test_a_second_worker_leaves_the_work_to_the_first() -> None:
    deletion.want(application_with_events())
    with psycopg.connect(**connection.get_connection_params()) as first:
        first.execute(database_lock.CLAIM, [deletions.LOCK])
        assert not deletions.carry_out()
        assert Event.objects.count() == 10
        # A closed connection's backend takes its time.
        first.execute(database_lock.GIVE_UP, [deletions.LOCK])
    assert carry_all_out()
    assert not Application.objects.exists()


def test_a_deleted_application_waits_until_no_process_takes_its_keys(settings: Any) -> None:
    settings.KEY_CACHE_SECONDS = 5
    deletion.want(application_with_events())
    assert not deletions.carry_out()
    with time_machine.travel(NOW + timedelta(seconds=6), tick=False):
        assert deletions.carry_out()
    assert not Application.objects.exists()


def want_its_events(application: Application) -> None:
    deletion.want_events(application, NOW)


@pytest.mark.parametrize(("wanted", "seconds"), [(deletion.want, 1), (want_its_events, 0)])
def test_the_worker_is_told_of_it(wanted: Callable[[Application], Any], seconds: int) -> None:
    wanted(application_with_events())
    job = ProcrastinateJob.objects.get(task_name=queue.DELETING)
    assert job.scheduled_at == (NOW + timedelta(seconds=seconds) if seconds else None)
