from datetime import UTC, datetime, timedelta

import pytest

from dashboard.wording import Trend, ago, compact, trend

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1k"),
        (1_234, "1.23k"),
        (12_345, "12.3k"),
        (123_456, "123k"),
        (999_999, "999k"),
        (4_560_000, "4.56M"),
        (2_000_000_000, "2G"),
        (-1_500, "−1.5k"),
    ],
)
def test_numbers_have_three_digits_at_most_and_are_rounded_down(number: int, words: str) -> None:
    assert compact(number) == words


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=-5), "just now"),  # another machine's clock is ahead
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=47), "47 h ago"),
        (timedelta(days=2), "2 days ago"),
    ],
)
def test_a_moment_is_told_by_its_age(age: timedelta, words: str) -> None:
    assert ago(NOW - age, NOW) == words


@pytest.mark.parametrize(
    ("count", "before", "told"),
    [
        (5, 5, Trend("as before", "level")),
        (0, 0, Trend("as before", "level")),
        (1_001, 1_000, Trend("as before", "level")),
        (3, 0, Trend("none before", "up")),
        (112, 100, Trend("+12 %", "up")),
        (70, 100, Trend("−30 %", "down")),
        (0, 100, Trend("−100 %", "down")),
        (1_100, 100, Trend("far more", "up")),
    ],
)
def test_a_figure_is_told_against_the_one_before(count: int, before: int, told: Trend) -> None:
    assert trend(count, before) == told
