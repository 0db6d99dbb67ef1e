"""When something held that is looked at minute by minute: from when on, until when. No I/O."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple


class Spell(NamedTuple):
    """It began to hold at a moment, and held no more from another one on; None: it still does."""

    begin: datetime
    end: datetime | None


def spells(
    ends: Iterable[tuple[datetime, bool]], rest: int, since: datetime, open_since: datetime | None
) -> list[Spell]:
    """The spells that begin, go on or end after `since`, oldest first.

    `ends`: the ends of minutes, one after another, and whether it held then; those up to `since`
    tell how long it has not held. It is over once it has not for `rest` minutes in a row.
    """
    found: list[Spell] = []
    begin, quiet = open_since, 0
    for end, holds in ends:
        quiet = 0 if holds else quiet + 1
        if end <= since:
            continue
        if holds and begin is None:
            begin = end
        elif begin is not None and quiet >= rest:
            found.append(Spell(begin, end))
            begin = None
    if begin is not None:
        found.append(Spell(begin, None))
    return found


def sums(counts: Sequence[int], width: int) -> list[int]:
    """For each place the sum of so many that end with it; of fewer at the beginning."""
    total, found = 0, []
    for index, count in enumerate(counts):
        total += count
        if index >= width:
            total -= counts[index - width]
        found.append(total)
    return found


def lasting(holds: Sequence[bool], width: int) -> list[bool]:
    """For each place whether it held there and at all of the `width - 1` places before it."""
    return [found == width for found in sums([int(each) for each in holds], width)]
