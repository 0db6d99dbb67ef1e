"""Maintenance windows: once, or again and again by a cron expression. No I/O."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitors.schedules import Cron
from monitors.uptime import Span, merged


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
    """From each time of a schedule on, for so long."""

    schedule: Cron
    length: timedelta

    def spans(self, since: datetime, until: datetime) -> Iterator[Span]:
        """The windows that reach into a range, oldest first."""
        begin = self.schedule.following(since - self.length)
        while begin < until:
            yield Span(begin, begin + self.length)
            begin = self.schedule.following(begin)


Window = Once | Recurring


def spans(windows: Iterable[Window], since: datetime, until: datetime) -> list[Span]:
    """When it is maintenance within a range: disjoint, oldest first, cut at its ends."""
    found = (span for window in windows for span in window.spans(since, until))
    return merged(Span(max(begin, since), min(end, until)) for begin, end in found)


def within(windows: Iterable[Window], moment: datetime) -> bool:
    """Whether it is maintenance at a moment; a window's end is not in it."""
    return bool(spans(windows, moment, moment + timedelta(microseconds=1)))
