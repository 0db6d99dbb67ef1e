"""Requests that meet criteria of which no rollup tells, and their figures: by blocks of columns."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from stats.cover import HOUR, MINUTE, QUARTER, Range, floor
from stats.traffic.block_reading import Gone, batches, encoded, stored
from stats.traffic.blocks import Part, Plan, planned
from stats.traffic.breakdowns import Breakdown
from stats.traffic.column_blocks import Array, Block
from stats.traffic.columns import GROUP_OF
from stats.traffic.criteria import Criteria, status_ranges
from stats.traffic.dimensions import Dimension
from stats.traffic.measures import NOTHING, Measure, Statuses, summed
from stats.traffic.tallies import SIZES, MeasureTally, Numbering, ValueTally, counts_of

Route = tuple[str, str]  # method, route


class Slice:
    """The chosen requests of an application; it remembers which they are."""

    def __init__(self, application_id: int, criteria: Criteria, plan: Plan) -> None:
        self._application_id = application_id
        self._criteria = criteria
        self._parts = plan.parts
        # Ends of the range that are no whole minutes.
        ends = (criteria.since, criteria.until)
        self._ends_within = [each for each in ends if each != floor(each, MINUTE)]
        self._open = [block for span in _spans(plan.open) for block in self._encoded(span)]
        self._chosen: dict[Part, _Places] = {}

    # --- Which -----------------------------------------------------------------------------

    def blocks(self, *names: str) -> Iterator[Block]:
        """Columns of the chosen requests."""
        for batch in batches(self._parts, len(names) + 2):
            needed = {*names, *self._told_by(batch)}
            try:
                blocks = stored(batch, sorted(needed))
            except Gone:
                yield from self._anew(batch[0].start, batch[-1].end).blocks(*names)
                continue
            for part, block in zip(batch, blocks, strict=True):
                yield self._choose(part, block)
        yield from self._open

    def _told_by(self, parts: Sequence[Part]) -> set[str]:
        """The columns that tell which requests of these are chosen."""
        asked = self._criteria
        if all(part in self._chosen for part in parts):
            return set()
        cut = any(part.start < each < part.end for part in parts for each in self._ends_within)
        filters = {GROUP_OF[column] for column in (*asked.included, *asked.excluded)}
        return filters | {"millisecond"} if cut else filters

    def _choose(self, part: Part, block: Block) -> Block:
        chosen = self._chosen.get(part)
        if chosen is None:
            chosen = self._chosen[part] = _Places(self._meets(block))
        return block if chosen.all else block.chosen(chosen.places())

    def _meets(self, block: Block) -> Array:
        """Of each request, whether it is chosen."""
        asked = self._criteria
        meets = np.ones(block.n, dtype=bool)
        meets[: block.edge(asked.since)] = meets[block.edge(asked.until) :] = False
        for name, values in asked.included.items():
            meets &= _has(block, name, values)
        for name, values in asked.excluded.items():
            meets &= ~_has(block, name, values)
        return meets

    def _encoded(self, span: Range) -> Iterator[Block]:
        """Those of hours that have no whole block."""
        asked = self._criteria
        range_ = max(span[0], asked.since), min(span[1], asked.until)
        return encoded(self._application_id, asked, range_, span[0])

    def _anew(self, since: datetime, until: datetime) -> "Slice":
        """Those of a part of the range, by what tells of them now."""
        asked = self._criteria
        criteria = replace(asked, since=max(since, asked.since), until=min(until, asked.until))
        plan = planned(self._application_id, criteria.since, criteria.until)
        return Slice(self._application_id, criteria, plan)

    # --- Figures ---------------------------------------------------------------------------

    def total(self) -> Measure:
        return summed(self._by_route.values())

    def by_bucket(self, starts: Sequence[datetime], *, durations: bool) -> list[Measure]:
        tally = MeasureTally()
        for block in self.blocks("status", *SIZES, *(("bucket",) if durations else ())):
            tally.add(_buckets(block, starts), block, durations=durations)
        found = tally.measures()
        return found + [NOTHING] * (len(starts) - len(found))

    def statuses_by_bucket(self, starts: Sequence[datetime]) -> list[Statuses]:
        found = [Counter[int]() for _ in starts]
        for block in self.blocks("status"):
            statuses = block.values("status")
            keys = _buckets(block, starts) * len(statuses) + block.numbers("status")
            counts = np.bincount(keys)
            for key in np.flatnonzero(counts).tolist():
                bucket, place = divmod(key, len(statuses))
                found[bucket][statuses[place]] += int(counts[key])
        return list(map(Statuses, found))

    def by_route(self) -> dict[Route, Measure]:
        return self._by_route

    @cached_property
    def _by_route(self) -> dict[Route, Measure]:
        tally, routes = MeasureTally(), Numbering[Route]()
        for block in self.blocks("endpoint", "status", "bucket", *SIZES):
            tally.add(_routes(block, routes), block)
        return dict(zip(routes.names, tally.measures(), strict=True))

    def breakdowns(
        self, limits: Mapping[Dimension, int], offset: int = 0, *, moments: bool = False
    ) -> dict[Dimension, Breakdown]:
        """The most frequent values of each dimension, so many of them after some."""
        tallies = {dimension: ValueTally() for dimension in limits}
        groups: dict[str, list[Dimension]] = {}
        for dimension in limits:
            groups.setdefault(GROUP_OF[dimension.column], []).append(dimension)
        for block in self.blocks("status", *(("millisecond",) if moments else ()), *groups):
            for group, members in groups.items():
                counted = counts_of(block, group, moments=moments)
                for dimension in members:
                    tallies[dimension].add(block.values(dimension.column), counted)
        return {each: tally.breakdown(limits[each], offset) for each, tally in tallies.items()}

    def users(self) -> int:
        """How many different ones there are."""
        users = Numbering[str | None]()
        for block in self.blocks("user"):
            names = block.values("user")
            present = np.flatnonzero(np.bincount(block.numbers("user"))).tolist()
            users.keys_of([name for place in present if (name := names[place]) is not None])
        return len(users)

    def users_by_bucket(self, starts: Sequence[datetime]) -> list[int]:
        users, pairs = Numbering[str | None](), [np.zeros(0, dtype=np.intp)]
        for block in self.blocks("user"):
            keys = users.keys(block.numbers("user"), block.values("user"))
            pairs.append(np.unique((_buckets(block, starts) << 40) | keys))
        found = np.unique(np.concatenate(pairs))
        nobody = users.keys_of([None])[0]
        buckets = found[found & ((1 << 40) - 1) != nobody] >> 40
        counts: list[int] = np.bincount(buckets, minlength=len(starts)).tolist()
        return counts

    def courses(self, starts: Sequence[datetime]) -> dict[Route, list[int]]:
        """Requests of each route, by bucket."""
        routes, sums = Numbering[Route](), Counter[int]()
        for block in self.blocks("endpoint"):
            keys = _routes(block, routes) * len(starts) + _buckets(block, starts)
            found, counts = np.unique(keys, return_counts=True)
            sums.update(dict(zip(found.tolist(), counts.tolist(), strict=True)))
        courses = [[0] * len(starts) for _ in routes.names]
        for key, n in sums.items():
            route, bucket = divmod(key, len(starts))
            courses[route][bucket] = n
        return dict(zip(routes.names, courses, strict=True))

    def by_hour_of_week(self, zone: ZoneInfo) -> dict[tuple[int, int], int]:
        """Requests of each (day of the week, hour) in a zone; 1 is Monday."""
        found: Counter[tuple[int, int]] = Counter()
        for block in self.blocks():
            counts = block.by_minute()
            for first in range(0, len(counts), QUARTER // MINUTE):
                local = (block.start + first * MINUTE).astimezone(zone)
                of_quarter = counts[first : first + QUARTER // MINUTE]
                found[local.isoweekday(), local.hour] += int(of_quarter.sum())
        return {key: n for key, n in found.items() if n}


class _Places:
    """Places of requests in a block: where they are many, a bit for each that there is."""

    def __init__(self, chosen: Array) -> None:
        self.all = bool(chosen.all())
        self._n = len(chosen)
        self._few = np.count_nonzero(chosen) < self._n // 32
        self._kept = np.flatnonzero(chosen).astype("u4") if self._few else np.packbits(chosen)

    def places(self) -> Array:
        if self._few:
            return self._kept
        return np.flatnonzero(np.unpackbits(self._kept, count=self._n).view(bool))


def _has(block: Block, column: str, values: Sequence[Any]) -> Array:
    """Of each request, whether its column has one of these values."""
    wanted: Container[Any] = values
    if column == "status":
        wanted = {each for low, high in status_ranges(values) for each in range(low, high + 1)}
    has = np.array([value in wanted for value in block.values(column)])
    found: Array = has[block.numbers(GROUP_OF[column])]
    return found


def _buckets(block: Block, starts: Sequence[datetime]) -> Array:
    """Of each request, in which bucket it occurred."""
    edges = [0, *map(block.edge, starts[1:]), block.n]
    return np.repeat(np.arange(len(starts)), np.diff(edges))


def _routes(block: Block, known: Numbering[Route]) -> Array:
    """Of each request, the key of its route."""
    names = list(zip(block.values("method"), block.values("route"), strict=True))
    return known.keys(block.numbers("endpoint"), names)


def _spans(hours: Iterable[datetime]) -> list[Range]:
    """Hours, those that follow each other as one range."""
    spans: list[Range] = []
    for hour in hours:
        follows = spans and spans[-1][1] == hour
        start = spans.pop()[0] if follows else hour
        spans.append((start, hour + HOUR))
    return spans
