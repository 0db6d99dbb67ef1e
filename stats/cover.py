"""Which rollups, and which raw rows at the ragged ends, make up a range exactly. Pure."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import itemgetter

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)  # hours begin with one in every zone
MINUTE = timedelta(minutes=1)
FAR = datetime(3000, 1, 1, tzinfo=UTC)  # after all that is stored
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Range = tuple[datetime, datetime]  # from the first, up to and without the second


@dataclass(frozen=True, slots=True)
class Cover:
    """A range taken apart into disjoint pieces, none of them empty."""

    rows: tuple[Range, ...]
    minutes: tuple[Range, ...]
    hours: tuple[Range, ...]
    days: tuple[Range, ...] = ()  # closed ones in UTC, each within one bucket
    cut_days: tuple[Range, ...] = ()  # closed ones of which each part may be in another
    tail: tuple[Range, ...] = ()  # the last hour up to the end: whole, if nothing came after that

    @property
    def only_rows(self) -> bool:
        """Whether no rollup tells anything of the range."""
        return not (self.minutes or self.hours or self.days or self.cut_days or self.tail)


def floor(moment: datetime, unit: timedelta) -> datetime:
    return moment - (moment - _EPOCH) % unit


def ceil(moment: datetime, unit: timedelta) -> datetime:
    return moment + (_EPOCH - moment) % unit


def cover(
    since: datetime,
    until: datetime,
    starts: Collection[datetime] = (),
    closed: Collection[date] = (),
    part: timedelta = HOUR,
) -> Cover:
    """The pieces of [since, until), for buckets that start at `starts`, on whole minutes.

    An hour that a bucket's start cuts, as midnight does in India, is taken by the minute; or by
    its closed day, where that tells of shorter parts, which no start cuts.
    """
    outer, rows = _whole(since, until, MINUTE)
    if outer is None:
        return Cover(rows, (), ())
    inner, minutes = _whole(*outer, HOUR)
    if inner is None:
        return Cover(rows, minutes, ())
    cut, whole = _by_day(inner, starts, closed, part)
    return Cover(rows, minutes + cut, **whole)


def cover_by_minute(since: datetime, until: datetime) -> Cover:
    """The pieces of [since, until) where every bucket is a minute."""
    outer, rows = _whole(since, until, MINUTE)
    return Cover(rows, (outer,) if outer else (), ())


def cover_messages(
    since: datetime,
    until: datetime,
    starts: Collection[datetime] = (),
    closed: Collection[date] = (),
) -> Cover:
    """The pieces of [since, until) for what is counted by the hour at least, such as messages.

    An hour that a bucket's start cuts is taken from the rows.
    """
    last = floor(until, HOUR)
    tail: tuple[Range, ...] = ()
    if since <= last < until and not any(last < start < until for start in starts):
        until, tail = last, ((last, until),)
    outer, rows = _whole(since, until, HOUR)
    if outer is None:
        return Cover(rows, (), (), tail=tail)
    cut, whole = _by_day(outer, starts, closed, HOUR)
    return Cover(rows + cut, (), tail=tail, **whole)


def cover_by_rows(since: datetime, until: datetime) -> Cover:
    """[since, until) for what no rollup tells, such as messages by the minute."""
    return Cover(((since, until),) if since < until else (), (), ())


def _by_day(
    hours: Range, starts: Collection[datetime], closed: Collection[date], part: timedelta
) -> tuple[tuple[Range, ...], dict[str, tuple[Range, ...]]]:
    """A range of hours with its closed days taken out, by the field of Cover; but first the hours
    that a start cuts. Closed days tell of such parts.
    """
    off_hours = [start for start in starts if start != floor(start, HOUR)]
    too_fine = {floor(start, DAY) for start in off_hours if start != floor(start, part)}
    days = sorted(datetime(day.year, day.month, day.day, tzinfo=UTC) for day in closed)
    told = [day for day in days if day not in too_fine]
    cut_days = {floor(start, DAY) for start in starts if start != floor(start, DAY)}
    cut: tuple[Range, ...] = ()
    found: dict[str, tuple[Range, ...]] = {"hours": (), "days": (), "cut_days": ()}
    for kind, run in groupby(_parts(hours, told, cut_days), key=itemgetter(0)):
        parts = [part for _, part in run]
        piece = parts[0][0], parts[-1][1]
        if kind == "hours":
            uncut, minutes = _uncut(piece, off_hours)
            found[kind] += uncut
            cut += minutes
        else:
            found[kind] += (piece,)
    return cut, found


def _parts(
    piece: Range, days: Iterable[datetime], cut: Collection[datetime]
) -> Iterator[tuple[str, Range]]:
    low, high = piece
    for day in days:
        if low <= day and day + DAY <= high:
            if low < day:
                yield "hours", (low, day)
            yield ("cut_days" if day in cut else "days"), (day, day + DAY)
            low = day + DAY
    if low < high:
        yield "hours", (low, high)


def _uncut(
    hours: Range, off_hours: Iterable[datetime]
) -> tuple[tuple[Range, ...], tuple[Range, ...]]:
    """A range of hours without those within which a start lies, and these."""
    cut = sorted({floor(start, HOUR) for start in off_hours})
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
