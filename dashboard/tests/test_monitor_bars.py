"""Bars of equal width per time, and how they word what they tell."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.monitor_bars import DOWN, NOT_YET, PARTLY, UNWATCHED, UP, bars, downtime, outlines
from dashboard.wording import length
from monitors.uptime import Span, Uptime
from monitors.uptimes import History

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
BEGIN = datetime(2026, 11, 20, 12, tzinfo=UTC)
LONG_AGO = BEGIN - 100 * HOUR


def at(hours: float) -> datetime:
    return BEGIN + hours * HOUR


def kinds(history: History, *, now: float = 8, since: datetime = LONG_AGO) -> list[str]:
    shown = bars(history, Span(BEGIN, at(8)), 8, now=at(now), since=since, zone=UTC)
    return [bar.kind for bar in shown]


def test_a_bar_tells_whether_it_was_down_at_all_and_for_the_most() -> None:
    down = [Span(at(1), at(1) + MINUTE), Span(at(2.5), at(4))]
    assert kinds(History(down, [])) == [UP, PARTLY, DOWN, DOWN, UP, UP, UP, UP]


def test_what_nobody_watched_is_neither_up_nor_down() -> None:
    history = History([Span(at(0), at(2))], [Span(at(0), at(1))])
    assert kinds(history)[:3] == [UNWATCHED, DOWN, UP]


def test_before_it_was_made_and_after_now_is_not_yet() -> None:
    history = History([], [Span(BEGIN, at(2.5))])
    assert kinds(history, now=6.5, since=at(2.5)) == [NOT_YET] * 2 + [UP] * 5 + [NOT_YET]


def test_an_outage_that_goes_on_does_not_reach_beyond_now() -> None:
    (*_, last) = bars(
        History([Span(at(7), at(8))], []),
        Span(BEGIN, at(8)),
        8,
        now=at(7) + 10 * MINUTE,
        since=LONG_AGO,
        zone=UTC,
    )
    assert last.kind == DOWN
    assert last.title == "Fri 20 Nov, 19:00–20:00: 0 % up, down for 10 minutes"


def test_bars_of_a_kind_are_one_path_as_high_as_their_kind() -> None:
    history, span = History([Span(at(1), at(2))], []), Span(BEGIN, at(3))
    assert outlines(history, span, 3, now=at(3), since=LONG_AGO) == [
        (UP, "M0.5 4V20M2.5 4V20"),
        (DOWN, "M1.5 0V20"),
    ]


@pytest.mark.parametrize(
    ("watched", "down", "words"),
    [
        (0, 0, "not watched"),
        (10, 0, "never down"),
        (10, 3, "down for 3 minutes"),
    ],
)
def test_downtime_is_told_in_words(watched: int, down: int, words: str) -> None:
    assert downtime(Uptime(watched * MINUTE, down * MINUTE)) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "less than a second"),
        (1, "1 second"),
        (59, "59 seconds"),
        (119, "1 minute"),
        (3_600, "1 hour"),
        (12_000, "3 hours 20 minutes"),
        (187_200, "2 days 4 hours"),
        (86_400 * 12 + 7_200, "12 days"),
    ],
)
def test_a_length_has_two_units_at_most(seconds: float, words: str) -> None:
    assert length(timedelta(seconds=seconds)) == words
