"""How long connections pause so that all together send at a rate."""

import pytest

from benchmarks.cases.latency import LEAST_PAUSE, corrected, pause_for
from benchmarks.cases.single import CONNECTIONS


def rate_of(pause: float, rest: float) -> float:
    """What is reached where a cycle takes the pause and `rest`, in milliseconds."""
    return CONNECTIONS / (pause + rest) * 1000


def test_connections_that_only_pause_reach_the_rate() -> None:
    assert rate_of(pause_for(2_000), rest=0) == pytest.approx(2_000)


@pytest.mark.parametrize("rest", [0.3, 2, 25])
def test_one_correction_reaches_the_rate_where_the_rest_takes_as_long_again(rest: float) -> None:
    first = pause_for(2_000)
    second = corrected(first, 2_000, rate_of(first, rest))
    assert second < first
    assert rate_of(second, rest) == pytest.approx(2_000)


def test_a_run_that_was_too_fast_is_followed_by_longer_pauses() -> None:
    assert corrected(10, rate=2_000, reached=4_000) == 10 + 16


def test_a_service_that_can_not_keep_up_is_not_sent_pauses_below_none() -> None:
    assert corrected(5, rate=2_000, reached=500) == LEAST_PAUSE
