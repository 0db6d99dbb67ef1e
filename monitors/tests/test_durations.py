"""Percentiles of buckets are close to those of the durations themselves."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.durations import bucket, middle, percentile

MS = st.floats(0.2, 60_000)


@given(MS)
def test_the_middle_of_a_bucket_is_at_most_2_5_percent_off(ms: float) -> None:
    assert middle(bucket(ms)) == pytest.approx(ms, rel=0.025)


@given(st.lists(MS, min_size=1, max_size=50), st.sampled_from([0, 50, 95, 99, 100]))
def test_a_percentile_is_that_of_the_durations(found: list[float], percent: int) -> None:
    rank = max(1, -(-len(found) * percent // 100))
    exact = sorted(found)[rank - 1]
    assert percentile(Counter(map(bucket, found)), percent) == pytest.approx(exact, rel=0.025)


def test_without_checks_there_is_none() -> None:
    assert percentile({}, 50) is None
