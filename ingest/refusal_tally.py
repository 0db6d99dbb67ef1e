"""Counts refusals in memory, by application, hour and reason, within bounds. No I/O.

Whoever sends can make up reasons, and whoever reaches the port can make up applications: neither
may fill the memory, or crowd out what owners want to see.
"""

import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from events.records import storable
from stats.cover import HOUR, floor
from stats.rollups import digest

MOST_REASONS = 100  # of an application in an hour; what comes after is "other reasons"
MOST_COUNTS = 1_000  # kept until they are written
MOST_UNPROVEN = 250  # of these, of ids of which no write has told yet that they exist
OTHER = "Other reasons."
_REASON_CHARACTERS = 500
_CLIENT_CHARACTERS = 200
_NAMELESS = {"detail", "body"}
# Sizes, positions and moments make no reason of its own.
_NUMBER = re.compile(r"\d+(?:[.,:-]\d+)*")

Key = tuple[int, datetime, UUID]


@dataclass(slots=True)
class Count:
    """A row as it is added to: its fields are the table's columns; the texts are of the newest."""

    application_id: int
    hour: datetime
    digest: UUID
    status: int
    n: int
    first_seen: datetime
    last_seen: datetime
    reason: str
    key_prefix: str
    client: str

    @property
    def key(self) -> Key:
        return self.application_id, self.hour, self.digest

    def add(self, other: "Count") -> None:
        self.n += other.n
        self.first_seen = min(self.first_seen, other.first_seen)
        if other.last_seen >= self.last_seen:
            self.last_seen, self.reason = other.last_seen, other.reason
            self.key_prefix, self.client = other.key_prefix, other.client

    def as_other(self) -> "Count":
        """The same without its reason, for where there are too many of them."""
        return replace(self, digest=_digest(self.status, OTHER), reason=OTHER)


def count_of(
    application_id: int,
    status: int,
    reason: str,
    *,
    at: datetime,
    n: int = 1,
    key_prefix: str = "",
    client: str = "",
) -> Count:
    """The count of `n` equal refusals; their texts are cut, and made storable."""
    reason = storable(reason[:_REASON_CHARACTERS])
    return Count(
        application_id,
        floor(at, HOUR),
        _digest(status, reason),
        status,
        n,
        first_seen=at,
        last_seen=at,
        reason=reason,
        key_prefix=key_prefix,
        client=storable(client[:_CLIENT_CHARACTERS]),
    )


def _digest(status: int, reason: str) -> UUID:
    return digest(f"{status} {_NUMBER.sub('#', reason)}")


def reason_of(errors: Mapping[str, Sequence[str]]) -> str:
    """What is wrong, in words: "level: Use one of DEBUG, …"."""
    return " ".join(
        sentence if field in _NAMELESS else f"{field}: {sentence}"
        for field, sentences in errors.items()
        for sentence in sentences
    )


def merged(counts: Iterable[Count]) -> list[Count]:
    """One count for each key, in the order of the keys."""
    found: dict[Key, Count] = {}
    for count in counts:
        if count.key in found:
            found[count.key].add(count)
        else:
            found[count.key] = replace(count)
    return [found[key] for key in sorted(found)]


class Tally:
    """What was refused since the last write. Its user sees to it that one thread adds at a time."""

    def __init__(self, proven: Container[int]) -> None:
        self.lost = 0  # refusals for which there was no room
        self._proven = proven
        self._unproven = 0
        self._counts: dict[Key, Count] = {}
        self._reasons: Counter[tuple[int, datetime]] = Counter()

    def __len__(self) -> int:
        return len(self._counts)

    def counts(self) -> list[Count]:
        return list(self._counts.values())

    def add(self, count: Count) -> None:
        found = self._counts.get(count.key)
        of_hour = count.application_id, count.hour
        if found is None and self._reasons[of_hour] >= MOST_REASONS:
            count = count.as_other()
            found = self._counts.get(count.key)
        if found is not None:
            found.add(count)
        elif self._has_room(count.application_id):
            self._counts[count.key] = replace(count)
            self._reasons[of_hour] += 1
            self._unproven += count.application_id not in self._proven
        else:
            self.lost += count.n

    def _has_room(self, application_id: int) -> bool:
        proven = application_id in self._proven
        return len(self) < MOST_COUNTS and (proven or self._unproven < MOST_UNPROVEN)
