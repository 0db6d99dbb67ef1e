"""Uptime is exact: held against a count of single seconds."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.uptime import Span, Uptime, lengths, merged, uptime, without

BEGIN = datetime(2026, 11, 27, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LENGTH = 60


def span(begin: int, end: int) -> Span:
    return Span(BEGIN + begin * SECOND, BEGIN + end * SECOND)


def seconds(spans: list[Span]) -> set[int]:
    return {
        second
        for begin, end in spans
        for second in range((begin - BEGIN) // SECOND, (end - BEGIN) // SECOND)
    }


def some_spans() -> st.SearchStrategy[list[Span]]:
    moment = st.integers(-10, LENGTH + 10)
    return st.lists(st.builds(span, moment, moment), max_size=8)


def test_a_day_without_outages_is_whole() -> None:
    found = uptime(span(0, 60), down=[], unwatched=[])
    assert found == Uptime(60 * SECOND, 0 * SECOND)
    assert found.ratio == 1


def test_an_outage_counts_as_far_as_it_reaches_into_the_range() -> None:
    found = uptime(span(0, 60), down=[span(-30, 6), span(54, 99)], unwatched=[])
    assert found.ratio == pytest.approx(0.8)


def test_what_was_not_watched_counts_neither_as_up_nor_as_down() -> None:
    found = uptime(span(0, 60), down=[span(25, 35)], unwatched=[span(0, 30)])
    assert found == Uptime(30 * SECOND, 5 * SECOND)


def test_what_was_never_watched_has_no_uptime() -> None:
    assert uptime(span(0, 60), down=[span(0, 60)], unwatched=[span(-1, 61)]).ratio is None


@given(down=some_spans(), unwatched=some_spans())
def test_it_is_the_count_of_seconds(down: list[Span], unwatched: list[Span]) -> None:
    watched = set(range(LENGTH)) - seconds(unwatched)
    found = uptime(span(0, LENGTH), down=down, unwatched=unwatched)
    assert found.watched == len(watched) * SECOND
    assert found.down == len(watched & seconds(down)) * SECOND


@given(spans=some_spans(), others=some_spans())
def test_spans_stay_disjoint_and_in_order(spans: list[Span], others: list[Span]) -> None:
    for found, expected in (
        (merged(spans), seconds(spans)),
        (without(spans, others), seconds(spans) - seconds(others)),
    ):
        assert seconds(found) == expected
        assert sum((end - begin) // SECOND for begin, end in found) == len(expected)
        assert all(before.end < after.begin for before, after in pairwise(found))


@given(some_spans(), st.sampled_from([1, 2, 5, 12, 60]))
def test_lengths_of_parts_are_what_is_in_each(spans: list[Span], count: int) -> None:
    width = LENGTH // count
    parts = [span(n * width, (n + 1) * width) for n in range(count)]
    within = seconds(spans)
    expected = [len(within & seconds([part])) * SECOND for part in parts]
    assert lengths(merged(spans), parts) == expected


class Counted(Span):
    """A span that counts how often anybody looks where it begins."""

    looks = 0

    @property
    def begin(self) -> datetime:
        Counted.looks += 1
        return self[0]


def test_of_many_spans_each_is_looked_at_a_few_times() -> None:
    spans = [span(4 * n, 4 * n + 3) for n in range(600)]
    Counted.looks = 0
    left = without(spans, [Counted(*span(4 * n + 1, 4 * n + 2)) for n in range(600)])
    assert len(left) == 1_200
    assert 600 <= Counted.looks < 10 * 600
