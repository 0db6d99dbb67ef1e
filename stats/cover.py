"""Which rollups, and which raw rows at the ragged ends, make up a range exactly. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Range = tuple[datetime, datetime]  # from the first, up to and without the second


@dataclass(frozen=True, slots=True)
class Cover:
    """A range taken apart into disjoint pieces, none of them empty."""

    rows: tuple[Range, ...]
    minutes: tuple[Range, ...]
    hours: tuple[Range, ...]


def floor(moment: datetime, unit: timedelta) -> datetime:
    return moment - (moment - _EPOCH) % unit


def ceil(moment: datetime, unit: timedelta) -> datetime:
    return moment + (_EPOCH - moment) % unit


def cover(since: datetime, until: datetime, starts: Iterable[datetime] = ()) -> Cover:
    """The pieces of [since, until), for buckets that start at `starts`, on whole minutes.

    An hour that a bucket's start cuts, as midnight does in India, is taken by the minute.
    """
    outer, rows = _whole(since, until, MINUTE)
    if outer is None:
        return Cover(rows, (), ())
    inner, minutes = _whole(*outer, HOUR)
    if inner is None:
        return Cover(rows, minutes, ())
    hours, cut = _uncut(inner, starts)
    return Cover(rows, minutes + cut, hours)


def cover_by_minute(since: datetime, until: datetime) -> Cover:
    """The pieces of [since, until) where every bucket is a minute."""
    outer, rows = _whole(since, until, MINUTE)
    return Cover(rows, (outer,) if outer else (), ())


def cover_by_hour(since: datetime, until: datetime, starts: Iterable[datetime] = ()) -> Cover:
    """The pieces of [since, until) for what is counted by the hour only, such as messages.

    An hour that a bucket's start cuts is taken from the rows.
    """
    outer, rows = _whole(since, until, HOUR)
    if outer is None:
        return Cover(rows, (), ())
    hours, cut = _uncut(outer, starts)
    return Cover(rows + cut, (), hours)


def cover_by_rows(since: datetime, until: datetime) -> Cover:
    """[since, until) for what no rollup tells, such as messages by the minute."""
    return Cover(((since, until),) if since < until else (), (), ())


def _uncut(hours: Range, starts: Iterable[datetime]) -> tuple[tuple[Range, ...], tuple[Range, ...]]:
    """A range of hours without those that a start cuts, and these."""
    cut = sorted({floor(start, HOUR) for start in starts if start != floor(start, HOUR)})
    within = [hour for hour in cut if hours[0] <= hour < hours[1]]
    between = zip([hours[0], *(hour + HOUR for hour in within)], [*within, hours[1]], strict=True)
    return (
        tuple((low, high) for low, high in between if low < high),
        tuple((hour, hour + HOUR) for hour in within),
    )


def _whole(
    since: datetime, until: datetime, unit: timedelta
) -> tuple[Range | None, tuple[Range, ...]]:
    """The whole units of a range, if there are any, and what is left at its ends."""
    start, end = ceil(since, unit), floor(until, unit)
    if start >= end:
        return None, ((since, until),) if since < until else ()
    ends = ((since, start), (end, until))
    return (start, end), tuple((low, high) for low, high in ends if low < high)
