"""Counts the requests of blocks by a key: their bucket of time, their route, a value. Pure.

A key is a number from 0 for each request.
"""

from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np

from events.records import EPOCH
from stats.traffic.breakdowns import Breakdown, ValueCount
from stats.traffic.column_blocks import MILLISECOND, Array, Block
from stats.traffic.measures import CLASSES, Measure
from traffic.histograms import MOST_BUCKET

T = TypeVar("T")
_HUNDREDS = np.arange(2**15) // 100  # of each status
_CLASSES = np.array([0, 0, 1, 2, 3, 4])[_HUNDREDS.clip(max=5)]  # its place in CLASSES
_ERRORS = np.array([0, 0, 0, 0, 1, 2])[_HUNDREDS.clip(max=5)]  # none, the client's, the server's
SIZES = ("request_bytes", "response_bytes")
_BUCKETS = MOST_BUCKET + 1
_ALL_BUCKETS = np.arange(_BUCKETS)


class Numbering(Generic[T]):
    """Keys for what blocks number each for itself."""

    def __init__(self) -> None:
        self._numbers: dict[T, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def names(self) -> list[T]:
        return list(self._numbers)

    def keys(self, numbers: Array, names: Sequence[T]) -> Array:
        """The keys of a block's numbers, which stand for these names."""
        present = np.flatnonzero(np.bincount(numbers))
        table = np.zeros(len(names), dtype=np.intp)
        table[present] = self.keys_of([names[number] for number in present.tolist()])
        found: Array = table[numbers]
        return found

    def keys_of(self, names: Sequence[T]) -> list[int]:
        known = self._numbers
        return [known.setdefault(name, len(known)) for name in names]


class MeasureTally:
    """What requests of each key measure together."""

    def __init__(self) -> None:
        # By key: requests of each class, bytes of requests and answers, the histogram.
        self._sums = np.zeros((0, len(CLASSES) + 2 + _BUCKETS), dtype=np.int64)

    def add(self, keys: Array, block: Block, *, durations: bool = True) -> None:
        if not len(keys):
            return
        low, size = int(keys.min()), int(np.ptp(keys)) + 1
        self._sums = _grown(self._sums, low + size)
        sums = self._sums[low : low + size]
        own = keys - low
        classes = block.mapped("status", _CLASSES)
        sums[:, :5] += _table(own * 5 + classes, size, 5)
        for place, name in enumerate(SIZES, 5):
            sums[:, place] += np.bincount(own, block.numbers(name), size).astype(np.int64)
        if durations:
            buckets = block.mapped("bucket", _ALL_BUCKETS)
            sums[:, 7:] += _table(own * _BUCKETS + buckets, size, _BUCKETS)

    def measures(self) -> list[Measure]:
        """Those of each key."""
        return list(map(_measure, self._sums))


def _measure(sums: Array) -> Measure:
    by_class = dict(zip(CLASSES, sums[:5].tolist(), strict=True))
    durations = sums[7:]
    buckets = np.flatnonzero(durations)
    return Measure(
        requests=sum(by_class.values()),
        by_class=by_class,
        request_bytes=int(sums[5]),
        response_bytes=int(sums[6]),
        durations=dict(zip(buckets.tolist(), durations[buckets].tolist(), strict=True)),
    )


class Counts(NamedTuple):
    """What a block tells of each of a group's values that occurs in it."""

    places: Array  # of these
    sums: Array  # requests by _ERRORS
    moments: Array | None  # the first and the last one, ms since 1970


def counts_of(block: Block, group: str, *, moments: bool = False) -> Counts:
    """Count a block's requests, whose statuses, and milliseconds for moments, are read."""
    numbers, size = block.numbers(group), len(block.columns[group].values)
    sums = _table(numbers * np.intp(3) + block.mapped("status", _ERRORS), size, 3)
    places = np.flatnonzero(sums.any(axis=1))
    return Counts(places, sums[places], _moments(block, numbers, places) if moments else None)


def _moments(block: Block, numbers: Array, places: Array) -> Array:
    order = np.arange(block.n)
    ends = np.zeros((2, int(places.max(initial=-1)) + 1), dtype=np.intp)
    ends[0, numbers[::-1]] = order[::-1]  # of several for a value the last one written stays
    ends[1, numbers] = order
    return np.stack([block.moments(end[places]) for end in ends])


class ValueTally:
    """Requests and errors of each value of a column, and when it occurred first and last."""

    def __init__(self) -> None:
        self._values: Numbering[Any] = Numbering()
        self._sums = np.zeros((0, 3), dtype=np.int64)
        self._moments = np.zeros((0, 2), dtype=np.int64)  # first, last

    def add(self, values: Sequence[Any], counts: Counts) -> None:
        """Add what was counted of a group to those values that it has in this column."""
        told = np.array([values[place] is not None for place in counts.places.tolist()], dtype=bool)
        names = [values[place] for place in counts.places[told].tolist()]
        keys = self._values.keys_of(names)
        known, size = len(self._sums), len(self._values)
        self._sums, self._moments = _grown(self._sums, size), _grown(self._moments, size)
        self._moments[known:, 0] = np.iinfo(np.int64).max
        np.add.at(self._sums, keys, counts.sums[told])
        if counts.moments is not None:
            first, last = counts.moments[:, told]
            np.minimum.at(self._moments[:, 0], keys, first)
            np.maximum.at(self._moments[:, 1], keys, last)

    def breakdown(self, limit: int, offset: int) -> Breakdown:
        """The most frequent values, after some of them."""
        totals, names = self._sums.sum(axis=1), self._values.names
        wanted = min(offset + limit, len(names))
        if not wanted:
            return Breakdown([], len(names))
        least = np.partition(totals, -wanted)[-wanted]
        places = np.flatnonzero(totals >= least).tolist()
        places.sort(key=lambda place: (-totals[place], names[place]))
        return Breakdown([self._value(names, each) for each in places[offset:wanted]], len(names))

    def _value(self, names: Sequence[str], place: int) -> ValueCount:
        none, client_errors, server_errors = self._sums[place].tolist()
        first, last = self._moments[place].tolist()
        moments = (
            (EPOCH + first * MILLISECOND, EPOCH + last * MILLISECOND) if last else (None, None)
        )
        return ValueCount(
            value=names[place],
            requests=none + client_errors + server_errors,
            client_errors=client_errors,
            server_errors=server_errors,
            first_at=moments[0],
            last_at=moments[1],
        )


def _table(keys: Array, rows: int, columns: int) -> Array:
    """How often each key occurs, as a table of so many columns."""
    return np.bincount(keys, minlength=rows * columns).reshape(rows, columns)


def _grown(sums: Array, rows: int) -> Array:
    """With room for so many rows."""
    if rows <= len(sums):
        return sums
    return np.concatenate([sums, np.zeros((rows - len(sums), sums.shape[1]), dtype=sums.dtype)])
