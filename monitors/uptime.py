"""Uptime, exact to the microsecond, from when a monitor was down. No I/O.

What was not watched does not count, neither as up nor as down: before the monitor was made, while
it was paused, in maintenance.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple


class Span(NamedTuple):
    """A span of time; its end is not in it."""

    begin: datetime
    end: datetime


class Uptime(NamedTuple):
    """How long a monitor was watched within a range, and how much of that it was down."""

    watched: timedelta
    down: timedelta

    @property
    def ratio(self) -> float | None:
        """The part of the watched time that it was up, 0 to 1; None where it was not watched."""
        return 1 - self.down / self.watched if self.watched else None

    @property
    def watched_seconds(self) -> float:
        return self.watched.total_seconds()

    @property
    def down_seconds(self) -> float:
        return self.down.total_seconds()


def uptime(span: Span, *, down: Iterable[Span], unwatched: Iterable[Span]) -> Uptime:
    """The uptime within a span. Spans may overlap, and reach beyond it."""
    watched = without([span], unwatched)
    up = without(watched, down)
    return Uptime(_length(watched), _length(watched) - _length(up))


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time in disjoint spans, oldest first."""
    found: list[Span] = []
    for span in sorted(span for span in spans if span.begin < span.end):
        if found and span.begin <= found[-1].end:
            found[-1] = Span(found[-1].begin, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def without(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """The time of spans that is not in others: disjoint, oldest first."""
    cuts = merged(others)
    if not cuts:
        return merged(spans)
    left = []
    place = 0
    for begin, end in merged(spans):
        while place < len(cuts) and cuts[place].end <= begin:
            place += 1
        at = place
        while at < len(cuts) and cuts[at].begin < end:
            left.append(Span(begin, cuts[at].begin))
            begin = cuts[at].end
            at += 1
        left.append(Span(begin, end))
    return [span for span in left if span.begin < span.end]


def lengths(spans: Sequence[Span], parts: Sequence[Span]) -> list[timedelta]:
    """How much of each part is in spans. Both are disjoint, oldest first, so one look does."""
    found = []
    place = 0
    for begin, end in parts:
        if place < len(spans) and spans[place].begin <= begin and end <= spans[place].end:
            found.append(end - begin)  # mostly
            continue
        length = timedelta()
        while place < len(spans) and spans[place].begin < end:
            length += max(min(spans[place].end, end) - max(spans[place].begin, begin), timedelta())
            if spans[place].end > end:  # it goes on in the next part
                break
            place += 1
        found.append(length)
    return found


def _length(spans: Iterable[Span]) -> timedelta:
    return sum((end - begin for begin, end in spans), timedelta())
