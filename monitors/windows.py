"""Maintenance windows: once, or again and again by a cron expression. No I/O."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitors.schedules import Cron
from monitors.uptime import Span, merged

ALWAYS, FOREVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_BEGINS, _LEAST_APART = 50, timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Once:
    begin: datetime
    end: datetime

    def spans(self, since: datetime, until: datetime) -> Iterator[Span]:
        """The window, where it reaches into a range."""
        if self.begin < until and since < self.end:
            yield Span(self.begin, self.end)


@dataclass(frozen=True, slots=True)
class Recurring:
    """From each time of a schedule on, for so long; from a first moment on, until a last one."""

    schedule: Cron
    length: timedelta
    first: datetime = ALWAYS
    last: datetime = FOREVER

    def spans(self, since: datetime, until: datetime) -> Iterator[Span]:
        """The windows that reach into a range, oldest first."""
        since, until = max(since, self.first), min(until, self.last)
        begin = self.schedule.following(since - self.length)
        while begin < until:
            yield Span(max(begin, self.first), min(begin + self.length, self.last))
            begin = self.schedule.following(begin)


def require_seldom(window: Recurring, now: datetime) -> None:
    """Raises ValueError for one that begins so often that a year of it can't be told."""
    begin = now
    for _ in range(_BEGINS):
        before, begin = begin, window.schedule.following(begin)
        if before != now and begin - before < _LEAST_APART:
            raise ValueError("Windows begin at least an hour apart.")


Window = Once | Recurring


def spans(windows: Iterable[Window], since: datetime, until: datetime) -> list[Span]:
    """When it is maintenance within a range: disjoint, oldest first, cut at its ends."""
    found = (span for window in windows for span in window.spans(since, until))
    return merged(Span(max(begin, since), min(end, until)) for begin, end in found)


def within(windows: Iterable[Window], moment: datetime) -> bool:
    """Whether it is maintenance at a moment; a window's end is not in it."""
    return bool(spans(windows, moment, moment + timedelta(microseconds=1)))
