"""Histograms are within 3 % of the durations, and PostgreSQL adds them as numbers."""

import math
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from loghandler import arrays, statements
from loghandler.statements import Statement
from traffic import histograms
from traffic.histograms import LEAST_MS, MOST_BUCKET

durations = st.floats(min_value=LEAST_MS, max_value=2e9, allow_nan=False)
counts = st.dictionaries(st.integers(0, MOST_BUCKET), st.integers(1, 10**11), max_size=30)
FRACTIONS = (0.5, 0.75, 0.9, 0.95, 0.99, 1.0)


def histogram(values: list[float]) -> dict[int, int]:
    return histograms.added({histograms.bucket(value): 1} for value in values)


def written(number: int) -> str:
    """More digits than `str` writes of a number."""
    return f"{Decimal(number):f}"


@given(durations)
def test_a_bucket_stands_for_its_durations_within_three_percent(duration: float) -> None:
    stood_for = histograms.duration_ms(histograms.bucket(duration))
    assert math.isclose(stood_for, duration, rel_tol=0.03)
    assert duration <= histograms.upper_ms(histograms.bucket(duration)) * (1 + 1e-6)


@pytest.mark.parametrize("nothing", [0.0, -1.0, float("nan"), LEAST_MS * 0.99])
def test_no_time_is_a_bucket_of_its_own(nothing: float) -> None:
    assert histograms.bucket(nothing) == 0
    assert histograms.duration_ms(0) == 0


def test_the_longest_durations_share_the_last_bucket() -> None:
    assert histograms.bucket(1e30) == histograms.bucket(float("inf")) == MOST_BUCKET


def quantile(values: list[float], fraction: float) -> float:
    """As numpy.quantile has it by default: linear between the two nearest."""
    ordered, rank = sorted(values), fraction * (len(values) - 1)
    below = math.floor(rank)
    above = min(below + 1, len(values) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (rank - below)


@given(st.lists(durations, min_size=1, max_size=200))
@settings(max_examples=300)
def test_percentiles_are_within_three_percent_of_those_of_the_durations(
    values: list[float],
) -> None:
    found = histograms.percentiles(histogram(values), FRACTIONS)
    for fraction, percentile in zip(FRACTIONS, found, strict=True):
        assert percentile is not None
        assert math.isclose(percentile, quantile(values, fraction), rel_tol=0.03)


@given(counts.filter(bool), st.sampled_from(FRACTIONS))
def test_a_percentile_is_read_from_a_number_as_from_its_counts(
    found: dict[int, int], fraction: float
) -> None:
    number = sum(n * 10 ** (histograms.DIGITS * bucket) for bucket, n in found.items())
    expected = histograms.percentiles(found, [fraction])
    read = histograms.percentile(written(number), sum(found.values()), fraction)
    assert [read] == expected


def test_of_no_requests_there_are_no_percentiles() -> None:
    assert histograms.percentiles({}, (0.5, 1.0)) == [None, None]
    assert histograms.apdex({}, 500) is None


def test_apdex_counts_tolerated_requests_half() -> None:
    assert histograms.apdex(histogram([100, 200, 900, 5_000]), 500) == (2 + 0.5) / 4


@given(counts)
def test_a_histogram_is_read_back_from_its_number(counted: dict[int, int]) -> None:
    lanes = [counted.get(bucket, 0) for bucket in range(MOST_BUCKET, -1, -1)]
    number = "".join(f"{lane:012d}" for lane in lanes).lstrip("0") or "0"
    assert histograms.counts_of(number) == counted


ADD = Statement("SELECT (n.a + n.b - n.b)::text FROM unnest($1::numeric[], $2::numeric[]) n (a, b)")
SUM = Statement("SELECT sum(n)::text FROM unnest($1::numeric[]) n")


@pytest.mark.django_db
@given(st.lists(counts, min_size=1, max_size=5), counts)
@settings(max_examples=100, deadline=None)
def test_postgresql_adds_histograms_and_takes_them_off_again(
    several: list[dict[int, int]], other: dict[int, int]
) -> None:
    connection.ensure_connection()
    one, off = histograms.as_numeric(several[0]), histograms.as_numeric(other)
    columns = [arrays.numerics([one]), arrays.numerics([off])]
    summed = [arrays.numerics([histograms.as_numeric(each) for each in several])]
    found: Any = statements.run(connection.connection, [(ADD, columns), (SUM, summed)])
    [[(same,)], [(total,)]] = found
    assert histograms.counts_of(same.decode()) == several[0]
    assert histograms.counts_of(total.decode()) == histograms.added(several)


def test_a_negative_histogram_takes_off_what_a_positive_one_added() -> None:
    assert histograms.as_numeric({3: 7}, -1)[4:6] == b"\x40\x00"
    assert histograms.as_numeric({3: 7}, -1)[8:] == histograms.as_numeric({3: 7})[8:]
