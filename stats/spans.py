"""Which spans of time a search reads, from what the rollups say of days, hours or minutes. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from events.records import moment_of
from stats.cover import Range

MILLISECOND = timedelta(milliseconds=1)


class Unit(NamedTuple):
    """A day, an hour or a minute in which there may be something to find."""

    at: datetime
    n: int  # events that may be what is looked for
    newest: UUID | None  # of these, where it is known
    total: int  # these and the events among which they lie


@dataclass(frozen=True, slots=True)
class Plan:
    """Disjoint spans to read, newest first."""

    spans: Sequence[Range]
    floor: datetime | None  # how far back they go; None where they are all there is
    rows: int  # how many events will be looked at, about

    def then(
        self,
        units: Iterable[Unit],
        length: timedelta,
        within: Range,
        *,
        enough: int,
        most_rows: int,
    ) -> "Plan":
        """A finer plan, of shorter units that lie in these spans."""
        low = within[0] if self.floor is None else self.floor
        finer = plan(units, length, (low, within[1]), enough=enough, most_rows=most_rows)
        return finer if finer.floor else replace(finer, floor=self.floor)


NOTHING = Plan((), None, 0)


def plan(
    units: Iterable[Unit],
    length: timedelta,
    within: Range,
    *,
    enough: int,
    most_rows: int | None = None,
) -> Plan:
    """The spans of the newest units that hold `enough` events, or `most_rows` to be looked at.

    Units that `within` cuts are read, but count for nothing: what they hold may lie outside.
    """
    spans: list[Range] = []
    found = rows = 0
    for unit in units:
        if spans and (found >= enough or (most_rows is not None and rows >= most_rows)):
            return Plan(spans, spans[-1][0], rows)
        span = _span(unit, length, within)
        if span[0] >= span[1]:
            continue
        _append(spans, span)
        rows += _cost(unit, enough - found)
        if within[0] <= unit.at and unit.at + length <= within[1]:
            found += unit.n
    return Plan(spans, None, rows)


def _span(unit: Unit, length: timedelta, within: Range) -> Range:
    """Where to look: up to the newest one, and there only where it is the only one."""
    start, end = unit.at, unit.at + length
    if unit.newest is not None:
        end = moment_of(unit.newest) + MILLISECOND
        if unit.n == 1:
            start = end - MILLISECOND
    return max(start, within[0]), min(end, within[1])


def _cost(unit: Unit, wanted: int) -> int:
    """How many events are looked at until those that are wanted are found, if evenly spread."""
    if unit.n == 1 and unit.newest is not None:
        return 1
    return min(unit.total, unit.total * wanted // unit.n)


def _append(spans: list[Range], span: Range) -> None:
    """Add an older span; one that ends where the last one begins makes that longer."""
    if spans and span[1] == spans[-1][0]:
        spans[-1] = (span[0], spans[-1][1])
    else:
        spans.append(span)


def hull(spans: Sequence[Range]) -> Range:
    """From the beginning of the oldest span to the end of the newest."""
    return spans[-1][0], spans[0][1]
