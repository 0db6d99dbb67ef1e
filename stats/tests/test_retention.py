from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.management import call_command
from django.db import OperationalError, connection

from applications.factories import create_application
from events.models import Event, SeenEventId
from ingest import pipeline
from ingest.factories import create_batch, create_record
from loghandler import partitions
from stats import retention
from stats.models import HourCount, MessageCount, MinuteCount

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(settings: Any) -> Iterator[None]:
    settings.RETENTION_DAYS = 30
    with time_machine.travel(NOW, tick=False):
        yield


def accept(application_id: int, days_ago: float, message: str = "Boom") -> None:
    record = create_record(message, event_id=uuid4())
    received_at = NOW - timedelta(days=days_ago)
    pipeline.accept(application_id, create_batch(record), received_at=received_at)


def test_days_past_their_keeping_are_dropped_with_their_statistics() -> None:
    application = create_application()
    for days_ago in (0, 30, 31, 40):
        accept(application.pk, days_ago)
    pruned = retention.prune(NOW)
    assert f"events_event_{NOW - timedelta(days=31):%Y%m%d}" in pruned.partitions
    kept = {NOW, NOW - timedelta(days=30)}
    assert set(Event.objects.values_list("received_at", flat=True)) == kept
    for model, column in ((HourCount, "hour"), (MinuteCount, "minute"), (MessageCount, "hour")):
        days = {moment.date() for moment in model.objects.values_list(column, flat=True)}
        assert days == {moment.date() for moment in kept}


def test_the_ledger_of_event_ids_is_kept_for_two_days() -> None:
    application = create_application()
    for days_ago in (0, 2, 3):
        accept(application.pk, days_ago)
    retention.prune(NOW)
    assert {NOW.date() - day for day in SeenEventId.objects.values_list("day", flat=True)} == {
        timedelta(days=0),
        timedelta(days=2),
    }


def test_an_application_may_keep_its_events_for_less() -> None:
    brief, other = create_application(retention_days=5), create_application()
    for application in (brief, other):
        for days_ago in (0, 5, 6, 20):
            accept(application.pk, days_ago)
    assert retention.prune(NOW).events == 2
    assert Event.objects.of(brief.pk).count() == 2
    assert sum(HourCount.objects.filter(application=brief).values_list("n", flat=True)) == 2
    assert Event.objects.of(other.pk).count() == 4


def test_an_application_can_not_keep_more_than_the_installation() -> None:
    application = create_application(retention_days=365)
    accept(application.pk, 31)
    retention.prune(NOW)
    assert not Event.objects.exists()


def test_deleting_within_an_hour_leaves_what_is_later_exactly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "_BATCH_EVENTS", 2)
    application = create_application()
    for minutes in range(7):
        accept(application.pk, minutes / 1440, f"message {minutes % 2}")
    deleted = retention.delete_events(application, NOW - timedelta(minutes=3, seconds=30))
    assert deleted == 3
    (hour,) = HourCount.objects.all()
    assert hour.n == 4
    assert hour.last_id == Event.objects.newest_first()[0].pk
    assert MinuteCount.objects.count() == 4
    assert sorted(MessageCount.objects.values_list("n", flat=True)) == [2, 2]


def test_pruning_twice_finds_nothing_more() -> None:
    accept(create_application().pk, 40)
    assert retention.prune(NOW).partitions
    assert retention.prune(NOW) == retention.Pruned([], 0, 0)


def test_days_that_readers_keep_busy_are_left_for_the_next_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    accept(create_application().pk, 40)

    def busy(names: list[str]) -> None:
        raise OperationalError("canceling statement due to lock timeout")

    with monkeypatch.context() as patched:
        patched.setattr(partitions, "drop", busy)
        assert retention.prune(NOW).partitions == []
    assert retention.prune(NOW).partitions


def test_the_command_says_what_it_gave_back(capsys: pytest.CaptureFixture[str]) -> None:
    accept(create_application().pk, 40)
    call_command("prune")
    assert capsys.readouterr().out.endswith("partitions, deleted 0 events and 0 requests.\n")


def test_rebuild_stats_mends_statistics(capsys: pytest.CaptureFixture[str]) -> None:
    application = create_application()
    for days_ago in (0, 1):
        accept(application.pk, days_ago)
    HourCount.objects.update(n=99)
    MinuteCount.objects.all().delete()
    day = NOW.date() - timedelta(days=1)
    call_command("rebuild_stats", since=day, until=day)
    assert sorted(HourCount.objects.values_list("n", flat=True)) == [1, 99]
    call_command("rebuild_stats")
    assert set(HourCount.objects.values_list("n", flat=True)) == {1}
    assert MinuteCount.objects.count() == 2
    assert "again." in capsys.readouterr().out


def test_dropping_gives_the_disk_space_back() -> None:
    accept(create_application().pk, 40)
    size = "SELECT pg_relation_size(to_regclass(%s))"
    partition = f"events_event_{NOW - timedelta(days=40):%Y%m%d}"
    with connection.cursor() as cursor:
        cursor.execute(size, [partition])
        assert cursor.fetchone()[0] > 0
        retention.prune(NOW)
        cursor.execute(size, [partition])
        assert cursor.fetchone() == (None,)
