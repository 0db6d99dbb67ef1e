"""Durations in logarithmic buckets, and a histogram of them as one number. Pure.

Buckets grow by 6 %, so that any of their durations is within 3 % of the middle one. A histogram is
a number with twelve decimal digits for each bucket: PostgreSQL's own `+` and `sum()` on numeric add
histograms, of as many requests as there may be, and `-` takes what is deleted off them
(docs/decisions/011-a-histogram-is-a-number.md).
"""

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

GROWTH = 1.06
LEAST_MS = 0.01  # below is bucket 0, which stands for no time at all
MOST_BUCKET = 450
MOST_MS = LEAST_MS * GROWTH**MOST_BUCKET  # 28 days
DIGITS = 12  # of each bucket: a million million requests
_LOG_GROWTH = math.log(GROWTH)

Counts = Mapping[int, int]  # bucket → requests


def bucket(duration_ms: float) -> int:
    """The bucket of a duration; what is no number, or negative, is no time."""
    if not duration_ms >= LEAST_MS:
        return 0
    if duration_ms >= MOST_MS:
        return MOST_BUCKET
    # A hair less, so that the edges themselves stay where they belong.
    return math.ceil(math.log(duration_ms / LEAST_MS) / _LOG_GROWTH - 1e-9) or 1


def duration_ms(number: int) -> float:
    """What a bucket stands for: within 3 % of every duration in it."""
    return 0.0 if number == 0 else LEAST_MS * GROWTH**number * 2 / (1 + GROWTH)


def upper_ms(number: int) -> float:
    """The longest duration of a bucket."""
    return LEAST_MS * GROWTH**number


# --- As PostgreSQL's numeric ----------------------------------------------------------------

# Its binary format: digits, weight of the first, sign, digits behind the point; then the digits,
# each of four decimal places. Those of one bucket are three of them.
_head = struct.Struct("!hhhh").pack
_THREE = 3
_ZERO = _head(0, 0, 0, 0)


def as_numeric(counts: Counts, sign: int = 1) -> bytes:
    """The histogram as PostgreSQL's numeric in binary; with `sign=-1` what takes it off again."""
    if not counts:
        return _ZERO
    highest, lowest = max(counts), min(counts)
    digits: list[int] = []
    for number in range(highest, lowest - 1, -1):
        n = counts.get(number, 0)
        digits += (n // 100_000_000, n // 10_000 % 10_000, n % 10_000)
    head = _head(len(digits), highest * _THREE + 2, 0 if sign > 0 else 0x4000, 0)
    return head + struct.pack(f"!{len(digits)}h", *digits)


def counts_of(number: str) -> dict[int, int]:
    """The histogram in a numeric, as PostgreSQL writes it in text."""
    first = (len(number) - len(number.rstrip("0"))) // DIGITS  # below are only zeros
    found = {}
    end = len(number) - first * DIGITS
    for position, at in enumerate(range(end, 0, -DIGITS), first):
        n = int(number[max(at - DIGITS, 0) : at])
        if n:
            found[position] = n
    return found


# --- Percentiles ------------------------------------------------------------------------------


def percentiles(counts: Counts, fractions: Sequence[float]) -> list[float | None]:
    """The durations, in ms, below which these fractions of the requests lie; None of no requests.

    Between two requests they are interpolated, as numpy does; 1.0 is the longest.
    """
    if not counts:
        return [None] * len(fractions)
    numbers = sorted(counts)
    until = list(accumulate(counts[number] for number in numbers))
    total = until[-1]
    return [_interpolated(numbers, until, fraction * (total - 1)) for fraction in fractions]


def percentile(number: str, requests: int, fraction: float) -> float:
    """The same of a numeric with so many requests, read from the longest on: for high fractions."""
    rank = fraction * (requests - 1)
    below = math.floor(rank)
    highest = (len(number) - 1) // DIGITS
    high = None
    for position in range(highest, -1, -1):
        end = len(number) - position * DIGITS
        requests -= int(number[max(end - DIGITS, 0) : end])
        if high is None and requests <= below + 1:
            high = duration_ms(position)
        if requests <= below:
            low = duration_ms(position)
            return low + ((high or low) - low) * (rank - below)
    return 0.0


def _interpolated(numbers: Sequence[int], until: Sequence[int], rank: float) -> float:
    below = math.floor(rank)
    low = duration_ms(_at(numbers, until, below))
    if rank == below:
        return low
    high = duration_ms(_at(numbers, until, below + 1))
    return low + (high - low) * (rank - below)


def _at(numbers: Sequence[int], until: Sequence[int], rank: int) -> int:
    """The bucket of the request with this rank, from 0."""
    for number, end in zip(numbers, until, strict=True):
        if rank < end:
            return number
    return numbers[-1]


def within_ms(counts: Counts, limit_ms: float) -> int:
    """How many requests took no longer than a limit, at the precision of the buckets."""
    last = bucket(limit_ms)
    return sum(n for number, n in counts.items() if number <= last)


def apdex(counts: Counts, threshold_ms: float) -> float | None:
    """Satisfied requests, and half of the tolerated ones, of all: 0 to 1 (apdex.org).

    Tolerated is what takes up to four times the threshold.
    """
    total = sum(counts.values())
    if not total:
        return None
    satisfied = within_ms(counts, threshold_ms)
    tolerated = within_ms(counts, 4 * threshold_ms) - satisfied
    return (satisfied + tolerated / 2) / total


def added(histograms: Iterable[Counts]) -> dict[int, int]:
    """One histogram of several."""
    total: dict[int, int] = {}
    for counts in histograms:
        for number, n in counts.items():
            total[number] = total.get(number, 0) + n
    return total
