"""The ranges that an application's page offers, and their buckets. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from stats.buckets import Interval
from stats.cover import DAY, HOUR, MINUTE, ceil, floor

LONGEST = timedelta(days=50 * 365)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of time in buckets. What is read ends at `until`; where that is to come, with `now`.

    Beginnings of ranges that end now are whole buckets, or hours where midnight cuts one as in
    India, and their ends too: the rollups tell all of them.
    """

    since: datetime
    until: datetime
    interval: Interval
    spark: Interval | None  # of the small pictures; None where no rollup tells so fine a course
    now: datetime

    @property
    def end(self) -> datetime:
        return min(self.until, self.now)

    @property
    def ends_now(self) -> bool:
        return self.until > self.now

    @property
    def before(self) -> tuple[datetime, datetime]:
        """The period before, as long as what has passed of this one, to the minute."""
        length = self.end - self.since
        if self.ends_now:
            length = floor(self.end, MINUTE) - self.since
        return self.since - length, self.since


@dataclass(frozen=True, slots=True)
class Range:
    """A range that ends now."""

    name: str
    words: str
    length: timedelta
    interval: Interval
    spark: Interval | None

    def span(self, now: datetime, zone: tzinfo) -> Span:
        step = {Interval.MINUTE: MINUTE, Interval.HOUR: HOUR}.get(self.interval)
        if step is None:  # days begin at midnight of the viewer; of the first one, whole hours
            first = now.astimezone(zone).date() - self.length + DAY
            midnight = datetime.combine(first, time(), zone).astimezone(UTC)
            since, until = ceil(midnight, HOUR), floor(now, HOUR) + HOUR
        else:
            since, until = floor(now, step) - self.length + step, floor(now, step) + step
        return Span(since, until, self.interval, self.spark, now)


RANGES = {
    each.name: each
    for each in (
        Range("1h", "1 hour", HOUR, Interval.MINUTE, None),
        Range("24h", "24 hours", DAY, Interval.HOUR, Interval.HOUR),
        Range("7d", "7 days", 7 * DAY, Interval.HOUR, Interval.DAY),
        Range("30d", "30 days", 30 * DAY, Interval.DAY, Interval.DAY),
        Range("90d", "90 days", 90 * DAY, Interval.DAY, Interval.WEEK),
    )
}
DEFAULT = "24h"

# Up to which length of a range its buckets are these.
_INTERVALS = (
    (3 * HOUR, Interval.MINUTE, None),
    (3 * DAY, Interval.HOUR, Interval.HOUR),
    (8 * DAY, Interval.HOUR, Interval.DAY),
    (60 * DAY, Interval.DAY, Interval.DAY),
    (180 * DAY, Interval.DAY, Interval.WEEK),
    (3 * 365 * DAY, Interval.WEEK, Interval.MONTH),
    (LONGEST, Interval.MONTH, Interval.MONTH),
)


def custom(since: datetime, until: datetime, now: datetime) -> Span:
    """Any range up to LONGEST, in buckets that suit its length."""
    length = until - since
    interval, spark = next((found, fine) for most, found, fine in _INTERVALS if length <= most)
    return Span(since, until, interval, spark, now)
