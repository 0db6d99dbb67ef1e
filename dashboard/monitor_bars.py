"""Bars that tell when a monitor was up: of equal width per time, as SVG. Pure.

What a bar tells by its colour it tells by its height too: what was down stands out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from dashboard.wording import length, percent
from monitors.uptime import Span, Uptime
from monitors.uptimes import History

HEIGHT = 20
_WIDTH = 0.74  # of a part's
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
    seen = history._replace(unwatched=[*history.unwatched, Span(now, span.end)])
    found = []
    for part, uptime in seen.bars(span, count):
        kind = _kind(part, uptime, since, now)
        found.append(Bar(kind, f"{_when(part, zone)}: {_words(kind, uptime)}"))
    return found


def outlines(shown: Sequence[Bar]) -> list[tuple[str, str]]:
    """The path of the bars of each kind."""
    paths: dict[str, list[str]] = {}
    for place, bar in enumerate(shown):
        paths.setdefault(bar.kind, []).append(outline(place, bar.kind))
    return [(kind, "".join(parts)) for kind, parts in paths.items()]


def outline(place: int, kind: str) -> str:
    top = _TOPS[kind]
    return f"M{place}.13 {top}h{_WIDTH}v{HEIGHT - top}h-{_WIDTH}z"


def downtime(uptime: Uptime) -> str:
    """`not watched`, `never down`, `down for 3 minutes`."""
    if not uptime.watched:
        return "not watched"
    return f"down for {length(uptime.down)}" if uptime.down else "never down"


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
