"""Bars that tell when a monitor was up: of equal width per time, as SVG. Pure.

What a bar tells by its colour it tells by its height too: what was down stands out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from dashboard.wording import length, percent
from monitors.uptime import Span, Uptime
from monitors.uptimes import History

HEIGHT = 20
UP, PARTLY, DOWN, UNWATCHED, NOT_YET = "up", "partly", "down", "unwatched", "not-yet"
_TOPS = {UP: 4, PARTLY: 2, DOWN: 0, UNWATCHED: 13, NOT_YET: 18}


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of time: what a monitor was in it, and in words."""

    kind: str
    title: str


def bars(
    history: History, span: Span, count: int, *, now: datetime, since: datetime, zone: tzinfo
) -> list[Bar]:
    """So many bars of a span that may reach beyond now; `since`: when watching began."""
    return [
        Bar(kind, f"{_when(part, zone)}: {_words(kind, uptime)}")
        for kind, part, uptime in _parts(history, span, count, now, since)
    ]


def outlines(
    history: History, span: Span, count: int, *, now: datetime, since: datetime
) -> list[tuple[str, str]]:
    """The path of the bars of each kind: a list has room for no more, nor time."""
    paths: dict[str, list[str]] = {}
    for place, (kind, *_) in enumerate(_parts(history, span, count, now, since)):
        paths.setdefault(kind, []).append(outline(place, kind))
    return [(kind, "".join(parts)) for kind, parts in paths.items()]


def outline(place: int, kind: str) -> str:
    """A line, which the style sheet makes as wide as a bar."""
    return f"M{place}.5 {_TOPS[kind]}V{HEIGHT}"


def downtime(uptime: Uptime) -> str:
    """`not watched`, `never down`, `down for 3 minutes`."""
    if not uptime.watched:
        return "not watched"
    return f"down for {length(uptime.down)}" if uptime.down else "never down"


def _parts(
    history: History, span: Span, count: int, now: datetime, since: datetime
) -> Iterator[tuple[str, Span, Uptime]]:
    seen = history._replace(unwatched=[*history.unwatched, Span(now, span.end)])
    for part, uptime in seen.bars(span, count):
        yield _kind(part, uptime, since, now), part, uptime


def _kind(part: Span, uptime: Uptime, since: datetime, now: datetime) -> str:
    if part.end <= since or part.begin >= now:
        return NOT_YET
    if not uptime.watched:
        return UNWATCHED
    if not uptime.down:
        return UP
    return DOWN if uptime.down * 2 >= uptime.watched else PARTLY


def _words(kind: str, uptime: Uptime) -> str:
    if kind == NOT_YET:
        return "not yet"
    if uptime.ratio is None:
        return "not watched"
    return f"{percent(uptime.ratio)} up" + (f", {downtime(uptime)}" if uptime.down else "")


def _when(part: Span, zone: tzinfo) -> str:
    begin, end = (moment.astimezone(zone) for moment in part)
    if end - begin >= timedelta(days=1):
        return f"{begin:%a %-d %b}"
    return f"{begin:%a %-d %b, %H:%M}–{end:%H:%M}"
