from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.ranges import LONGEST, RANGES, custom
from stats.buckets import Interval, bucket_starts
from stats.cover import cover

NOW = datetime(2026, 11, 25, 10, 30, 12, tzinfo=UTC)
WARSAW = ZoneInfo("Europe/Warsaw")


@pytest.mark.parametrize(
    ("name", "buckets"), [("1h", 60), ("24h", 24), ("7d", 168), ("30d", 30), ("90d", 90)]
)
@pytest.mark.parametrize("zone", [UTC, WARSAW])
def test_a_range_is_whole_buckets_up_to_the_current_one(
    name: str, buckets: int, zone: ZoneInfo
) -> None:
    span = RANGES[name].span(NOW, zone)
    starts = bucket_starts(span.since, span.until, span.interval, zone)
    assert (starts[0], len(starts)) == (span.since, buckets)
    assert starts[-1] <= NOW < span.until


def test_days_that_begin_within_an_hour_leave_out_the_rest_of_that_hour() -> None:
    zone = ZoneInfo("Asia/Kolkata")
    span = RANGES["30d"].span(NOW, zone)
    assert span.since == datetime(2026, 10, 26, 19, tzinfo=UTC)  # 00:30 there
    assert len(bucket_starts(span.since, span.until, span.interval, zone)) == 30


def test_days_of_a_range_that_the_clocks_changed_in_begin_at_midnight() -> None:
    span = RANGES["90d"].span(NOW, WARSAW)
    assert span.since == datetime(2026, 8, 27, 22, tzinfo=UTC)  # summer


@pytest.mark.parametrize("name", RANGES)
def test_no_range_needs_raw_rows_where_the_rollups_tell_its_minutes(name: str) -> None:
    span = RANGES[name].span(NOW, WARSAW)
    assert cover(span.since, span.until).rows == ()


def test_the_period_before_is_as_long_as_what_has_passed_of_this_one() -> None:
    span = RANGES["24h"].span(NOW, UTC)
    low, high = span.before
    assert high == span.since
    assert high - low == datetime(2026, 11, 25, 10, 30, tzinfo=UTC) - span.since


def test_the_period_before_a_past_range_is_as_long_as_that() -> None:
    span = custom(NOW - timedelta(days=3), NOW - timedelta(days=2), NOW)
    assert span.before == (NOW - timedelta(days=4), NOW - timedelta(days=3))
    assert not span.ends_now


@pytest.mark.parametrize(
    ("length", "interval"),
    [
        (timedelta(minutes=20), Interval.MINUTE),
        (timedelta(hours=12), Interval.HOUR),
        (timedelta(days=8), Interval.HOUR),
        (timedelta(days=30), Interval.DAY),
        (timedelta(days=400), Interval.WEEK),
        (LONGEST, Interval.MONTH),
    ],
)
def test_a_custom_range_has_buckets_that_suit_its_length(
    length: timedelta, interval: Interval
) -> None:
    span = custom(NOW - length, NOW, NOW)
    assert span.interval == interval
    assert len(bucket_starts(span.since, span.until, interval, WARSAW)) <= 700
