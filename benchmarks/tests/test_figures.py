"""How rounds become figures, and figures verdicts."""

import pytest

from benchmarks.figures import Baseline, Figure, Goal, percentile

AT_LEAST = Goal(0.6)
AT_MOST = Goal(1.3, at_most=True)


def figure(*rounds: float, bare: list[float] | None = None, **options: object) -> Figure:
    baseline = Baseline("bare view", bare) if bare else None
    return Figure("speed", "events/s", rounds, baseline, **options)  # type: ignore[arg-type]


def test_the_median_of_the_rounds_is_the_figure() -> None:
    assert figure(10, 900, 20).value == 20


def test_ratios_are_those_of_each_round() -> None:
    assert figure(50, 20, 90, bare=[100, 50, 100]).ratios == [0.5, 0.4, 0.9]


def test_a_round_without_its_baseline_is_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        assert figure(50, 20, bare=[100]).ratios


def test_the_median_of_the_ratios_is_judged_not_the_ratio_of_the_medians() -> None:
    # The machine was slow in one round each: medians 60 and 110, ratios 0.6, 0.65, 0.5.
    assert figure(60, 65, 55, bare=[100, 100, 110], goal=AT_LEAST).met is True
    assert figure(60, 65, 55, bare=[110, 100, 110], goal=AT_LEAST).met is False


@pytest.mark.parametrize(
    ("goal", "value", "met"),
    [
        (AT_LEAST, 0.6, True),
        (AT_LEAST, 0.599, False),
        (AT_MOST, 1.3, True),
        (AT_MOST, 1.301, False),
    ],
)
def test_a_bound_belongs_to_what_meets_its_goal(goal: Goal, value: float, met: bool) -> None:
    assert figure(value, goal=goal).met is met


def test_without_a_goal_there_is_no_verdict() -> None:
    assert figure(1).met is None
    assert figure(1).verdict == ""


def test_a_ratio_of_two_small_times_is_no_failure_and_says_so() -> None:
    def slowed(ours: float) -> Figure:
        return Figure("read", "ms", [ours], Baseline("ms", [1]), AT_MOST, too_small=5)

    assert slowed(4.9).met is True
    assert slowed(4.9).verdict == "met: both below 5 ms"
    assert slowed(5).verdict == "MISSED"


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.0, 1), (0.07, 7), (0.5, 50), (0.95, 95), (0.951, 96), (1.0, 100)],
)
def test_percentiles_are_values_that_occurred(share: float, expected: float) -> None:
    values = list(range(100, 0, -1))
    assert percentile(values, share) == expected


def test_the_percentile_of_one_value_is_that_value() -> None:
    assert percentile([3], 0.95) == 3
