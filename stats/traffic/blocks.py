"""Which hours have whole blocks of columns, and which only the requests themselves tell of.

A block is whole while it holds as many requests as are counted for its hours. Whoever deletes
requests deletes the blocks of their day in the same transaction, so what is missing can only be
something that was added since.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from psycopg import sql

from stats import reading
from stats.cover import DAY, HOUR, Range, ceil, floor
from stats.reading import where, within
from stats.traffic.columns import MINUTE_ENDS, STORED

PARTS = """
    SELECT application_id, start, hours, part, n FROM stats_trafficcolumn
    WHERE number = {minutes} AND {where} ORDER BY application_id, start, hours DESC, part
"""
COUNTED = """
    SELECT application_id, hour, sum(n)::bigint FROM stats_traffictotal
    WHERE {where} GROUP BY application_id, hour HAVING sum(n) > 0 ORDER BY application_id, hour
"""
ALL = sql.SQL("true")


class Part(NamedTuple):
    """A stored block; long ones are stored in several parts."""

    application_id: int
    start: datetime
    hours: int
    part: int
    n: int

    @property
    def end(self) -> datetime:
        return self.start + self.hours * HOUR


@dataclass(frozen=True, slots=True)
class Plan:
    """What tells of an application's requests in a range."""

    parts: Sequence[Part]  # of whole blocks, in the order of their moments
    open: Mapping[datetime, int]  # other hours that have requests → how many


NOTHING = Plan((), {})


def planned(application_id: int, since: datetime, until: datetime) -> Plan:
    """What tells of the application's requests in [since, until)."""
    plans = all_planned(since, until, where(application_id, None))
    return plans.get(application_id, NOTHING)


def all_planned(since: datetime, until: datetime, whose: sql.Composable = ALL) -> dict[int, Plan]:
    """The same of every application that has requests in a range."""
    range_ = floor(since, DAY), ceil(until, DAY)  # as blocks of days are
    # The stored ones first: what is added in between makes them look old, and not whole.
    stored = _stored(whose + within("start", range_))
    counted: dict[int, dict[datetime, int]] = {}
    for application_id, hour, n in reading.rows(COUNTED, where=whose + within("hour", range_)):
        counted.setdefault(application_id, {})[hour] = n
    return {
        application_id: _plan(stored.get(application_id, ()), hours, (since, until))
        for application_id, hours in counted.items()
    }


def _stored(condition: sql.Composable) -> dict[int, list[Part]]:
    minutes = sql.Literal(STORED[MINUTE_ENDS])
    found = map(Part._make, reading.rows(PARTS, minutes=minutes, where=condition))
    return {key: list(parts) for key, parts in groupby(found, lambda part: part.application_id)}


def _plan(stored: Sequence[Part], counted: Mapping[datetime, int], range_: Range) -> Plan:
    left = dict(counted)
    parts: list[Part] = []
    for (start, hours), block in groupby(stored, lambda part: (part.start, part.hours)):
        listed = list(block)
        held = [start + number * HOUR for number in range(hours)]
        if sum(part.n for part in listed) == sum(left.get(hour, 0) for hour in held):
            parts += listed
            for hour in held:
                left.pop(hour, None)
    since, until = range_
    return Plan(
        [part for part in parts if part.end > since and part.start < until],
        {hour: n for hour, n in left.items() if since - HOUR < hour < until},
    )
