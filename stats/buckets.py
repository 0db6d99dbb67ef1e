"""Buckets of a time series: where they start, and how many are too many. Pure."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum

from stats.cover import HOUR, MINUTE, floor

MOST_BUCKETS = 2_000


class Interval(StrEnum):
    MINUTE = "MINUTE"
    HOUR = "HOUR"
    DAY = "DAY"
    WEEK = "WEEK"  # from Monday, as ISO 8601 has it
    MONTH = "MONTH"


# The shortest that each can be: what the number of buckets is bounded by.
_SHORTEST = {
    Interval.MINUTE: MINUTE,
    Interval.HOUR: HOUR,
    Interval.DAY: timedelta(hours=23),
    Interval.WEEK: timedelta(days=6, hours=23),
    Interval.MONTH: timedelta(days=27, hours=23),
}


class TooManyBuckets(Exception):
    """A range has more buckets than are answered at once; `fitting` is an interval that fits."""

    def __init__(self, interval: Interval, fitting: Interval | None) -> None:
        advice = f"use {fitting}" if fitting else "ask for a shorter range"
        super().__init__(f"More than {MOST_BUCKETS:,} buckets of one {interval}: {advice}.")
        self.fitting = fitting


def bucket_starts(
    since: datetime, until: datetime, interval: Interval, zone: tzinfo = UTC
) -> list[datetime]:
    """Starts of the buckets that touch [since, until), in UTC; the first may precede `since`.

    Days, weeks and months begin at midnight in `zone`. Raises TooManyBuckets.
    """
    if not _fits(since, until, interval):
        fitting = (other for other in Interval if _fits(since, until, other))
        raise TooManyBuckets(interval, next(fitting, None))
    starts = list(_starts(since, until, interval, zone))
    # A midnight that daylight saving skips or repeats can shift a start past `since`.
    return starts[max(bisect_right(starts, since) - 1, 0) :]


def bucket_end(start: datetime, interval: Interval, zone: tzinfo = UTC) -> datetime:
    """The end of the bucket that starts there, which is the start of the next one."""
    if interval in {Interval.MINUTE, Interval.HOUR}:
        return start + _SHORTEST[interval]
    return midnight(_NEXT[interval](start.astimezone(zone).date()), zone)


def _fits(since: datetime, until: datetime, interval: Interval) -> bool:
    return (until - since) / _SHORTEST[interval] <= MOST_BUCKETS


def _starts(
    since: datetime, until: datetime, interval: Interval, zone: tzinfo
) -> Iterator[datetime]:
    if interval in {Interval.MINUTE, Interval.HOUR}:
        start = floor(since, _SHORTEST[interval])
        while start < until:
            yield start
            start += _SHORTEST[interval]
        return
    day = _FIRST_DAY[interval](since.astimezone(zone).date())
    while (start := midnight(day, zone)) < until:
        yield start
        day = _NEXT[interval](day)


def midnight(day: date, zone: tzinfo) -> datetime:
    """When a day begins in a zone, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


_FIRST_DAY: dict[Interval, Callable[[date], date]] = {
    Interval.DAY: lambda day: day,
    Interval.WEEK: lambda day: day - timedelta(days=day.weekday()),
    Interval.MONTH: lambda day: day.replace(day=1),
}
_NEXT: dict[Interval, Callable[[date], date]] = {
    Interval.DAY: lambda day: day + timedelta(days=1),
    Interval.WEEK: lambda day: day + timedelta(days=7),
    Interval.MONTH: lambda day: (day.replace(day=1) + timedelta(days=32)).replace(day=1),
}
