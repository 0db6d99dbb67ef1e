"""Days of traffic are summed up when they are over, and open again by what is written to them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from applications.factories import create_application
from ingest import pipeline
from ingest.factories import create_requests
from stats import retention
from stats.buckets import Interval, bucket_starts
from stats.models import (
    ClosedTrafficDay,
    TrafficDay,
    TrafficTotalDay,
    TrafficUsersDay,
    TrafficValueDay,
)
from stats.traffic import closing, deletions, rebuilding
from stats.traffic import users as users_
from stats.traffic.criteria import Criteria
from stats.traffic.dimensions import Dimension
from stats.traffic.measures import by_route, statuses_by_bucket
from stats.traffic.users import distinct_users, distinct_users_by_bucket
from traffic import histograms
from traffic.factories import create_request_record
from traffic.models import DailySalt, Request

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
DAY = date(2026, 11, 18)
MORNING = datetime(2026, 11, 18, 6, 30, tzinfo=UTC)
WHOLE = Criteria(MORNING - timedelta(days=2), MORNING + timedelta(days=2))

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def accept(application_id: int, moment: datetime, path: str = "/a", **fields: Any) -> None:
    record = create_request_record(path, occurred_at=moment, **fields)
    pipeline.accept(application_id, create_requests(record))


def test_a_closed_day_has_a_row_for_each_route_and_status_and_for_each_value() -> None:
    application = create_application()
    for hours, status, ms in ((0, 200, 10), (5, 200, 90), (5, 500, 10)):
        moment = MORNING + timedelta(hours=hours)
        accept(application.pk, moment, status=status, duration_ms=ms, user_id="ann")
    closing.close(DAY)
    sums = {row.status: row for row in TrafficDay.objects.all()}
    assert {status: row.n for status, row in sums.items()} == {200: 2, 500: 1}
    assert histograms.counts_of(format(sums[200].durations, "f")) == {
        histograms.bucket(10): 1,
        histograms.bucket(90): 1,
    }
    user = TrafficValueDay.objects.get(dimension=Dimension.USER)
    assert (user.value, user.n, user.client_errors, user.server_errors) == ("ann", 3, 0, 1)
    assert (user.first_at, user.last_at) == (MORNING, MORNING + timedelta(hours=5))
    assert len(TrafficUsersDay.objects.get().users or []) == 1


def test_a_closed_day_tells_its_requests_by_the_end_of_each_quarter_of_an_hour() -> None:
    application = create_application()
    for minutes, status in ((0, 200), (14, 200), (15, 500), (17 * 60, 200)):
        accept(application.pk, MORNING + timedelta(minutes=minutes), status=status)
    closing.close(DAY)
    sums = {row.status: row for row in TrafficTotalDay.objects.all()}
    half_past_six, last = 6 * 4 + 2, 23 * 4 + 2
    assert sums[200].quarters == [0] * half_past_six + [2] * (last - half_past_six) + [3, 3]
    assert sums[500].quarters == [0] * (half_past_six + 1) + [1] * (96 - half_past_six - 1)
    assert {status: row.n for status, row in sums.items()} == {200: 3, 500: 1}


def test_days_of_india_are_read_from_the_sums_of_closed_days() -> None:
    application = create_application()
    for hours in (0, 12, 24):  # 12:00 and 00:00 there, and 12:00
        accept(application.pk, MORNING + timedelta(hours=hours))
    for day in (DAY, DAY + timedelta(days=1)):
        closing.close(day)
    Request.objects.all().delete()  # not even looked at
    zone = ZoneInfo("Asia/Kolkata")
    midnight = datetime(2026, 11, 18, tzinfo=zone).astimezone(UTC)
    criteria = Criteria(midnight, midnight + timedelta(days=2))
    starts = bucket_starts(criteria.since, criteria.until, Interval.DAY, zone)
    found = statuses_by_bucket(application.pk, criteria, starts, by_minute=False)
    assert [one.requests for one in found] == [1, 2]


def test_what_is_written_to_a_closed_day_opens_it_and_counts_at_once() -> None:
    application = create_application()
    accept(application.pk, MORNING)
    closing.close(DAY)
    accept(application.pk, MORNING + timedelta(hours=2))
    assert not ClosedTrafficDay.objects.exists()
    assert by_route(application.pk, WHOLE)["GET", "/a"].requests == 2
    closing.close(DAY)
    assert by_route(application.pk, WHOLE)["GET", "/a"].requests == 2
    assert TrafficDay.objects.get().n == 2


def test_days_are_closed_an_hour_after_their_end_the_newest_first() -> None:
    application = create_application()
    for days in (1, 2, 3):
        accept(application.pk, NOW - timedelta(days=days))
    with time_machine.travel(datetime(2026, 11, 21, 0, 59, tzinfo=UTC)):
        assert closing.open_days(datetime.now(UTC))[-1] == date(2026, 11, 19)
    assert closing.open_days(NOW)[-1] == date(2026, 11, 20)
    assert closing.close_one()
    assert ClosedTrafficDay.objects.get().day == date(2026, 11, 20)
    while closing.close_one():
        pass
    assert not closing.open_days(NOW)


def test_days_of_another_zone_are_told_from_closed_days() -> None:
    application = create_application()
    zone = ZoneInfo("Asia/Tokyo")
    for hours, name in ((-3, "ann"), (8, "ann"), (9, "bob"), (16, "cy")):  # midnight is at 15:00
        accept(application.pk, MORNING + timedelta(hours=hours), user_id=name)
    closing.close(DAY)
    since = datetime(2026, 11, 18, tzinfo=zone)
    criteria = Criteria(since, since + timedelta(days=2))
    starts = bucket_starts(criteria.since, criteria.until, Interval.DAY, zone)
    found = distinct_users_by_bucket(application.pk, criteria, starts, by_minute=False)
    assert found == [1, 2]


def test_many_users_are_told_by_a_sketch_within_two_percent() -> None:
    application = create_application()
    for day in (0, 1):
        records = [
            create_request_record(
                "/a", occurred_at=MORNING + timedelta(days=day), user_id=f"user {n + 1_000 * day}"
            )
            for n in range(3_000)
        ]
        pipeline.accept(application.pk, create_requests(*records))
    exact = distinct_users(application.pk, WHOLE)
    closing.close(DAY)
    closing.close(DAY + timedelta(days=1))
    assert exact == 4_000
    for row in TrafficUsersDay.objects.all():
        assert row.users is None
        assert len(row.sketch or b"") in range(100, 2_500)
    assert distinct_users(application.pk, WHOLE) == pytest.approx(4_000, rel=0.02)


def test_few_users_are_kept_as_they_are() -> None:
    assert users_.summed_up(range(users_.FEW))[1] is None
    assert users_.summed_up(range(users_.FEW + 1))[0] is None


def test_what_is_deleted_of_a_closed_day_is_counted_no_more() -> None:
    application = create_application()
    for name in ("ann", "bob", "ann"):
        accept(application.pk, MORNING, user_id=name)
    closing.close(DAY)
    assert list(deletions.batches(application.pk, user="ann")) == [2]
    assert not ClosedTrafficDay.objects.exists()
    assert by_route(application.pk, WHOLE)["GET", "/a"].requests == 1
    assert distinct_users(application.pk, WHOLE) == 1


def test_a_rebuilt_day_is_open() -> None:
    closing.close(DAY)
    rebuilding.rebuild(DAY)
    assert not ClosedTrafficDay.objects.exists()


def test_an_application_may_keep_its_requests_for_less() -> None:
    short, other = create_application(retention_days=2), create_application()
    for application in (short, other):
        for days in (1, 3):
            accept(application.pk, NOW - timedelta(days=days))
    DailySalt.objects.create(day=NOW.date() - timedelta(days=2), salt=b"x")
    DailySalt.objects.create(day=NOW.date() - timedelta(days=1), salt=b"x")
    assert retention.prune().requests == 1
    assert Request.objects.of(short.pk).count() == 1
    assert Request.objects.of(other.pk).count() == 2
    assert DailySalt.objects.get().day == NOW.date() - timedelta(days=1)


def test_days_past_their_keeping_are_dropped_with_their_sums(settings: Any) -> None:
    application = create_application()
    accept(application.pk, NOW - timedelta(days=20))
    closing.close((NOW - timedelta(days=20)).date())
    settings.RETENTION_DAYS = 5
    dropped = retention.prune().partitions
    assert "traffic_request_20261101" in dropped
    assert not Request.objects.exists()
    assert not ClosedTrafficDay.objects.filter(day__lt="2026-11-16").exists()
    everything = Criteria(NOW - timedelta(days=40), NOW)
    assert by_route(application.pk, everything) == {}
