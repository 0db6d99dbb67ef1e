"""Blocks of requests by column: what each of them has in one column, side by side. Pure.

Figures under a filter need a few columns of all requests of a range. A row of PostgreSQL brings all
columns, one request after the other; here a column of ten thousand requests is ten or twenty
kilobytes, which numpy looks through at once. Each value stands in a block once, and a number stands
for it in each request (docs/decisions/013-blocks-of-columns.md).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import repeat
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from events.records import EPOCH
from stats.cover import MINUTE
from stats.traffic.columns import GROUP_OF, GROUPS, MINUTE_ENDS, NAMES, OF_ROWS, STORED

Array = NDArray[Any]
MILLISECOND = timedelta(milliseconds=1)
MINUTE_MS = 60_000
_TYPES = {1: "u1", 2: "u2", 4: "u4", 8: "i8"}  # by bytes of a number


@dataclass(frozen=True, slots=True)
class Column:
    """A number for each request; where values occur again, their places in `values`."""

    numbers: Array
    values: Sequence[Sequence[Any]] = ()  # of each of the group's columns

    def chosen(self, places: Array) -> "Column":
        return Column(self.numbers[places], self.values)


@dataclass(frozen=True, slots=True)
class Block:
    """Some columns of an application's requests, in the order of their moments."""

    start: datetime  # of a minute
    n: int
    minute_ends: Array  # requests up to the end of each minute, as far as there are any
    columns: Mapping[str, Column]

    def numbers(self, name: str) -> Array:
        return self.columns[name].numbers

    def values(self, column: str) -> list[Any]:
        """What the numbers of its group stand for in a column."""
        group = GROUP_OF[column]
        place = GROUPS[group].index(column)
        return [values[place] for values in self.columns[group].values]

    def mapped(self, column: str, table: Array) -> Array:
        """What a table has for the values of each request, whole numbers below its length."""
        found: Array = table[self.values(column)][self.numbers(GROUP_OF[column])]
        return found

    def chosen(self, places: Array) -> "Block":
        """The requests in these places."""
        columns = {name: column.chosen(places) for name, column in self.columns.items()}
        ends = np.searchsorted(places, self.minute_ends)
        return Block(self.start, len(places), ends, columns)

    def edge(self, moment: datetime) -> int:
        """How many of the requests lie before a moment; where it is no whole minute, by these."""
        minute, rest = divmod(moment - self.start, MINUTE)
        low, high = self._end(minute - 1), self._end(minute)
        if not rest or low == high:
            return low
        within = self.numbers("millisecond")[low:high]
        return low + int(np.searchsorted(within, -(-rest // MILLISECOND)))

    def _end(self, minute: int) -> int:
        if minute < 0:
            return 0
        return int(self.minute_ends[minute]) if minute < len(self.minute_ends) else self.n

    def moments(self, places: Array) -> Array:
        """When the requests in these places occurred, in milliseconds since 1970."""
        minutes = np.searchsorted(self.minute_ends, places, side="right")
        start = (self.start - EPOCH) // MILLISECOND
        found: Array = start + minutes * MINUTE_MS + self.numbers("millisecond")[places]
        return found

    def by_minute(self) -> Array:
        """How many requests each minute has."""
        counts: Array = np.diff(self.minute_ends.astype("i8"), prepend=0)
        return counts


def of_rows(start: datetime, rows: Sequence[Sequence[Any]]) -> Block:
    """A block of rows: milliseconds since its start, and the columns OF_ROWS."""
    moments, *columns = zip(*rows, strict=True) if rows else repeat((), len(OF_ROWS) + 1)
    by_name = dict(zip(OF_ROWS, columns, strict=True))
    minutes, milliseconds = np.divmod(np.array(moments, dtype="i8"), MINUTE_MS)
    found = {"millisecond": Column(milliseconds.astype("u2"))}
    for name in ("request_bytes", "response_bytes"):
        found[name] = Column(_small(np.array(by_name[name], dtype="i8")))
    for group, names in GROUPS.items():
        found[group] = _grouped(zip(*(by_name[name] for name in names), strict=True))
    return Block(start, len(rows), np.bincount(minutes).cumsum(), found)


def _grouped(values: Iterable[Sequence[Any]]) -> Column:
    places: dict[Sequence[Any], int] = {}
    numbers = [places.setdefault(value, len(places)) for value in values]
    return Column(_small(np.array(numbers, dtype="i8")), list(places))


def _small(numbers: Array) -> Array:
    """The numbers in as few bytes each as the largest needs."""
    largest = int(numbers.max(initial=0))
    type_ = next(each for each in _TYPES.values() if largest <= np.iinfo(each).max)
    return numbers.astype(type_)


def merged(start: datetime, blocks: Sequence[Block]) -> Block:
    """One block of several that have the same columns and follow each other in time."""
    columns = {
        name: _merged([block.columns[name] for block in blocks]) for name in blocks[0].columns
    }
    last = blocks[-1]
    counts = np.zeros((last.start - start) // MINUTE + len(last.minute_ends), dtype="i8")
    for block in blocks:
        first = (block.start - start) // MINUTE
        counts[first : first + len(block.minute_ends)] += block.by_minute()
    return Block(start, sum(block.n for block in blocks), counts.cumsum(), columns)


def _merged(parts: Sequence[Column]) -> Column:
    if not parts[0].values:
        return Column(np.concatenate([part.numbers for part in parts]))
    places: dict[Sequence[Any], int] = {}
    numbers = []
    for part in parts:
        own = [places.setdefault(tuple(value), len(places)) for value in part.values]
        numbers.append(_small(np.array(own, dtype="i8"))[part.numbers])
    return Column(np.concatenate(numbers), list(places))


# --- As they are stored -----------------------------------------------------------------------

Packed = tuple[int, int, bytes, bytes]  # the column, bytes of a number, numbers, values as JSON


def packed(block: Block) -> Iterator[Packed]:
    """The columns, each in as few bytes as its largest number needs; once where all are alike."""
    for name, column in {MINUTE_ENDS: Column(block.minute_ends), **block.columns}.items():
        numbers = _small(column.numbers)
        if name != MINUTE_ENDS and (numbers == numbers[0]).all():
            numbers = numbers[:1]
        values = msgspec.json.encode(column.values)
        yield STORED[name], numbers.itemsize, numbers.tobytes(), values


def unpacked(start: datetime, n: int, packed: Iterable[Packed]) -> Block:
    """A block of the columns that are read; MINUTE_ENDS is one of them."""
    columns = {
        NAMES[number]: Column(np.frombuffer(content, _TYPES[width]), msgspec.json.decode(values))
        for number, width, content, values in packed
    }
    ends = columns.pop(MINUTE_ENDS).numbers
    whole = {
        name: Column(np.broadcast_to(column.numbers, n), column.values)
        for name, column in columns.items()
    }
    return Block(start, n, ends, whole)
