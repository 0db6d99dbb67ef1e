"""From when on something held, and until when; however it is looked at."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from alerts.spells import Spell, lasting, spells, sums
from stats.cover import MINUTE

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def told(held: str, rest: int = 2, since: int = 0, open_since: int | None = None) -> list[str]:
    """Spells such as 3-7 or 8-, by minute; `held` has # where it holds."""
    ends = [(NOON + n * MINUTE, each == "#") for n, each in enumerate(held)]
    begun = None if open_since is None else NOON + open_since * MINUTE
    found = spells(ends, rest, NOON + (since - 1) * MINUTE, begun)
    return [_written(each) for each in found]


def _written(spell: Spell) -> str:
    begin, end = ((each - NOON) // MINUTE if each else "" for each in spell)
    return f"{begin}-{end}"


def test_a_spell_begins_with_the_first_and_ends_after_a_rest() -> None:
    assert told("..##...") == ["2-5"]
    assert told("..##.#..") == ["2-7"]
    assert told("..##.") == ["2-"]
    assert told("#..#..") == ["0-2", "3-5"]


def test_one_that_is_known_goes_on_or_ends() -> None:
    assert told("##", open_since=-9) == ["-9-"]
    assert told("...", since=1, open_since=-9) == ["-9-1"]


def test_what_was_before_tells_how_long_it_has_not_held() -> None:
    assert told("#..", since=2, open_since=0) == ["0-2"]
    assert told("##.", since=2, open_since=0) == ["0-"]


@given(st.text("#..", min_size=1, max_size=60), st.integers(1, 4), st.data())
def test_step_by_step_it_is_what_it_is_at_once(held: str, rest: int, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(held)), max_size=6).map(sorted))
    ends = [(NOON + n * MINUTE, each == "#") for n, each in enumerate(held)]
    known: dict[datetime, datetime | None] = {}
    for since, until in zip([0, *cuts], [*cuts, len(held)], strict=True):
        begun = next((begin for begin, end in known.items() if end is None), None)
        seen = ends[max(0, since - rest) : until]
        known |= dict(spells(seen, rest, NOON + (since - 1) * MINUTE, begun))
    whole = spells(ends, rest, NOON - MINUTE, None)
    assert sorted(known.items()) == [(begin, end) for begin, end in whole]


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(1, 8))
def test_sums_are_of_the_last_ones(counts: list[int], width: int) -> None:
    expected = [sum(counts[max(0, n + 1 - width) : n + 1]) for n in range(len(counts))]
    assert sums(counts, width) == expected


def test_what_lasts_held_at_each_of_them() -> None:
    held = [each == "#" for each in "##.###"]
    assert lasting(held, 2) == [False, True, False, False, True, True]
