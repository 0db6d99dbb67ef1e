"""Where buckets start. No database."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from stats.buckets import Interval, TooManyBuckets, bucket_starts

WARSAW = ZoneInfo("Europe/Warsaw")
KOLKATA = ZoneInfo("Asia/Kolkata")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_the_first_bucket_contains_since_and_the_last_ends_after_until() -> None:
    starts = bucket_starts(utc(2026, 1, 1, 10, 30), utc(2026, 1, 1, 12, 0, 1), Interval.HOUR)
    assert starts == [utc(2026, 1, 1, 10), utc(2026, 1, 1, 11), utc(2026, 1, 1, 12)]


def test_until_on_a_bucket_start_opens_no_bucket() -> None:
    starts = bucket_starts(utc(2026, 1, 1, 10), utc(2026, 1, 1, 10, 2), Interval.MINUTE)
    assert starts == [utc(2026, 1, 1, 10), utc(2026, 1, 1, 10, 1)]


def test_days_begin_at_midnight_in_the_zone() -> None:
    starts = bucket_starts(utc(2026, 7, 1), utc(2026, 7, 2), Interval.DAY, WARSAW)
    assert starts == [utc(2026, 6, 30, 22), utc(2026, 7, 1, 22)]


def test_days_of_daylight_saving_have_23_and_25_hours() -> None:
    spring = bucket_starts(utc(2026, 3, 28, 23), utc(2026, 3, 30, 22), Interval.DAY, WARSAW)
    assert spring == [utc(2026, 3, 28, 23), utc(2026, 3, 29, 22)]
    autumn = bucket_starts(utc(2026, 10, 24, 22), utc(2026, 10, 26, 23), Interval.DAY, WARSAW)
    assert autumn == [utc(2026, 10, 24, 22), utc(2026, 10, 25, 23)]


def test_a_midnight_that_does_not_exist_begins_its_day_an_hour_later() -> None:
    cairo = ZoneInfo("Africa/Cairo")  # on 2026-04-24 the clock goes from 0:00 to 1:00
    starts = bucket_starts(utc(2026, 4, 23, 0), utc(2026, 4, 25, 0), Interval.DAY, cairo)
    assert starts == [utc(2026, 4, 22, 22), utc(2026, 4, 23, 22), utc(2026, 4, 24, 21)]


def test_days_in_a_zone_of_half_hours() -> None:
    starts = bucket_starts(utc(2026, 1, 1), utc(2026, 1, 2), Interval.DAY, KOLKATA)
    assert starts == [utc(2025, 12, 31, 18, 30), utc(2026, 1, 1, 18, 30)]


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    weeks = bucket_starts(utc(2026, 1, 1), utc(2026, 1, 12), Interval.WEEK)
    assert weeks == [utc(2025, 12, 29), utc(2026, 1, 5)]
    months = bucket_starts(utc(2025, 12, 31), utc(2026, 3, 1), Interval.MONTH)
    assert months == [utc(2025, 12, 1), utc(2026, 1, 1), utc(2026, 2, 1)]


@pytest.mark.parametrize(
    ("days", "interval", "fitting"),
    [(2, Interval.MINUTE, "HOUR"), (90, Interval.HOUR, "DAY"), (3_000, Interval.DAY, "WEEK")],
)
def test_too_many_buckets_name_the_interval_that_fits(
    days: int, interval: Interval, fitting: str
) -> None:
    until = utc(2026, 1, 1)
    since = datetime.fromtimestamp(until.timestamp() - days * 86_400, UTC)
    with pytest.raises(TooManyBuckets, match=f"More than 2,000 .* use {fitting}"):
        bucket_starts(since, until, interval)


def test_a_range_that_no_interval_fits_is_too_long() -> None:
    with pytest.raises(TooManyBuckets, match="ask for a shorter range"):
        bucket_starts(utc(1971, 1, 1), utc(2999, 1, 1), Interval.MONTH)
