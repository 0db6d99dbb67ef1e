import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection, connections
from pytest_django import DjangoAssertNumQueries

from applications.factories import create_application
from ingest import pipeline
from ingest.factories import create_batch, create_record
from loghandler import partitions
from stats import closing, once, rebuilding, retention
from stats.models import ClosedDay, DayCount, MessageCount, MessageDayCount
from stats.rankings import top_messages
from stats.rollups import digest
from stats.series import by_level

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
DAY = date(2026, 11, 18)
MORNING = datetime(2026, 11, 18, 6, 30, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(request: pytest.FixtureRequest) -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def accept(application_id: int, moment: datetime, message: str = "Boom", level: int = 40) -> None:
    record = create_record(message, level=level)
    pipeline.accept(application_id, create_batch(record), received_at=moment)


def closed() -> set[date]:
    return set(ClosedDay.objects.values_list("day", flat=True))


def counted(application_id: int) -> dict[int, int]:
    end = MORNING + timedelta(days=2)
    counts = by_level(application_id, MORNING - timedelta(days=2), end, message="Boom")
    return {item.level: item.count for item in counts}


def test_a_closed_day_has_a_row_for_each_message_and_level() -> None:
    application = create_application()
    for hours, level in ((0, 40), (0, 40), (5, 40), (5, 20)):
        accept(application.pk, MORNING + timedelta(hours=hours), level=level)
    closing.close(DAY)
    sums = MessageDayCount.objects.order_by("level").values_list("digest", "level", "n", "hours")
    assert list(sums) == [
        (digest("Boom"), 20, 1, [0] * 11 + [1] * 13),
        (digest("Boom"), 40, 3, [0] * 6 + [2] * 5 + [3] * 13),
    ]
    assert set(DayCount.objects.values_list("level", "n")) == {(20, 1), (40, 3)}
    half_past_six, half_past_eleven = 6 * 4 + 2, 11 * 4 + 2
    assert DayCount.objects.get(level=40).quarters == (
        [0] * half_past_six
        + [2] * (half_past_eleven - half_past_six)
        + [3] * (96 - half_past_eleven)
    )
    last = MessageCount.objects.filter(level=40).order_by("hour").values_list("last_id", flat=True)
    assert MessageDayCount.objects.get(level=40).last_id == list(last)[-1]


def test_long_ranges_are_read_from_closed_days() -> None:
    application = create_application()
    accept(application.pk, MORNING)
    closing.close(DAY)
    MessageDayCount.objects.update(n=100)
    assert counted(application.pk) == {40: 100}


def test_top_messages_tell_the_newest_event_of_several_closed_days() -> None:
    application = create_application()
    for days in (0, 2, 1):
        accept(application.pk, MORNING - timedelta(days=days), level=10 + 10 * days)
        closing.close(DAY - timedelta(days=days))
    ranges = {None: MORNING, (20, 30): MORNING - timedelta(days=1)}
    for levels, newest in ranges.items():
        (top,) = top_messages(
            application.pk, MORNING - timedelta(days=5), MORNING + timedelta(days=1), levels=levels
        )
        assert top.last_seen == newest


def test_a_write_to_a_closed_day_opens_it_and_counts_at_once() -> None:
    application, other = create_application(), create_application()
    accept(application.pk, MORNING)
    for day in (DAY, DAY - timedelta(days=1)):
        closing.close(day)
    accept(other.pk, MORNING + timedelta(hours=3))
    assert closed() == {DAY - timedelta(days=1)}
    accept(application.pk, MORNING + timedelta(hours=3))
    assert counted(application.pk) == {40: 2}
    closing.close(DAY)
    assert counted(application.pk) == {40: 2}
    assert counted(other.pk) == {40: 1}


def test_a_deletion_and_a_rebuild_open_what_they_change() -> None:
    application = create_application()
    for hours in (0, 1):
        accept(application.pk, MORNING + timedelta(hours=hours))
    closing.close(DAY)
    retention.delete_events(application, MORNING + timedelta(minutes=1))
    assert closed() == set()
    assert counted(application.pk) == {40: 1}
    closing.close(DAY)
    MessageCount.objects.update(n=7)
    rebuilding.rebuild(DAY)
    assert closed() == set()
    assert counted(application.pk) == {40: 1}


def test_who_writes_to_today_does_not_look_for_closed_days() -> None:
    application = create_application()
    closing.close(NOW.date())
    accept(application.pk, NOW)
    assert closed() == {NOW.date()}


def test_days_are_closed_an_hour_after_their_end_the_newest_first() -> None:
    partitions.ensure(*(NOW.date() - timedelta(days=n) for n in range(4)))
    with time_machine.travel(datetime(2026, 11, 21, 0, 59, tzinfo=UTC)):
        assert closing.open_days(datetime.now(UTC))[-1] == date(2026, 11, 19)
    with time_machine.travel(datetime(2026, 11, 21, 1, 0, tzinfo=UTC)):
        assert closing.open_days(datetime.now(UTC))[-1] == date(2026, 11, 20)
        assert closing.close_one()
        assert closed() == {date(2026, 11, 20)}
        while closing.close_one():
            pass
        assert not closing.open_days(datetime.now(UTC))


def test_only_whole_days_of_a_range_are_asked_for() -> None:
    for day in (DAY, DAY + timedelta(days=1)):
        closing.close(day)
    midnight = datetime(2026, 11, 18, tzinfo=UTC)
    second = timedelta(seconds=1)
    assert closing.closed_days(midnight, midnight + timedelta(days=2)) == closed()
    assert closing.closed_days(midnight + second, midnight + timedelta(days=2)) == {
        DAY + timedelta(days=1)
    }
    assert closing.closed_days(midnight + second, midnight + timedelta(days=2) - second) == set()


def test_readers_of_one_page_ask_for_closed_days_once(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    application = create_application()
    accept(application.pk, MORNING)
    closing.close(DAY)
    with django_assert_num_queries(2), once.for_a_page():  # closed days, counts
        assert counted(application.pk) == {40: 1}
        assert closing.closed_days(MORNING - timedelta(days=1), NOW) == {DAY}
        assert closing.closed_days(MORNING + timedelta(hours=1), NOW) == set()
    accept(application.pk, MORNING)
    assert counted(application.pk) == {40: 2}


@pytest.mark.django_db(transaction=True)
def test_closing_waits_for_those_who_write_to_the_day() -> None:
    partitions.ensure(DAY)
    MessageCount.objects.create(
        application=create_application(),
        hour=MORNING.replace(minute=0),
        level=40,
        digest=digest("Boom"),
        n=1,
        last_id=uuid4(),
    )
    writer = pipeline.connect()
    writer.execute("BEGIN")
    writer.execute("UPDATE stats_messagecount SET n = n + 1")

    def close() -> None:
        closing.close(DAY)
        connections.close_all()

    closer = threading.Thread(target=close)
    closer.start()
    with connection.cursor() as cursor:
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        while True:
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                break
    writer.execute("COMMIT")
    closer.join()
    writer.close()
    assert MessageDayCount.objects.get().n == 2
