"""Which spans of time a search reads: where the rollups say that something is. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from events.records import moment_of
from stats.cover import HOUR, Range

MILLISECOND = timedelta(milliseconds=1)


class Busy(NamedTuple):
    """An hour in which there is something to find."""

    hour: datetime
    n: int  # events that may be what is looked for
    newest: UUID  # of these
    total: int  # events that lie among them


@dataclass(frozen=True, slots=True)
class Plan:
    """Disjoint spans to read, newest first; `floor` is how far back they search, None for all."""

    spans: Sequence[Range]
    floor: datetime | None


def plan(
    busy: Iterable[Busy], within: Range, *, enough: int | None, most_rows: int, most_spans: int
) -> Plan:
    """The spans of the newest hours that hold `enough` events, or what may be looked at.

    Without `enough` nobody knows how many of the events will do. Hours that `within` cuts are
    read, but count for nothing: what they hold may lie outside.
    """
    low, high = within
    spans: list[Range] = []
    sure = looked_at = 0
    for hour, n, newest, total in busy:
        if spans and (
            (enough is not None and sure >= enough)
            or looked_at >= most_rows
            or len(spans) >= most_spans
        ):
            return Plan(spans, spans[-1][0])
        end = moment_of(newest) + MILLISECOND
        start = hour if n > 1 else end - MILLISECOND
        if start >= high or end <= low:
            continue
        _append(spans, (max(start, low), min(end, high)))
        sure += n if low <= hour and hour + HOUR <= high else 0
        looked_at += total if n > 1 else 1
    return Plan(spans, None)


def _append(spans: list[Range], span: Range) -> None:
    """Add an older span; one that ends where the last begins makes it longer."""
    if spans and span[1] >= spans[-1][0]:
        spans[-1] = (span[0], spans[-1][1])
    else:
        spans.append(span)
