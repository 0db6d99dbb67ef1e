"""Durations counted in logarithmic buckets, of which any percentile can be told. No I/O.

The percentile of many checks is the middle of its bucket: at most 2.5 % off.
"""

import math
from collections.abc import Mapping

LEAST_MS = 0.1  # what is shorter is in the first bucket
BASE = 1.05  # a bucket ends at so many times its beginning


def bucket(ms: float) -> int:
    return math.floor(math.log(max(ms, LEAST_MS) / LEAST_MS) / math.log(BASE))


def middle(bucket: int) -> float:
    """The duration in ms that stands for a bucket."""
    return float(LEAST_MS * BASE ** (bucket + 0.5))


def percentile(counts: Mapping[int, int], percent: float) -> float | None:
    """The duration in ms that so many percent of checks did not exceed; None without checks.

    `counts`: bucket → checks. The nearest rank, as PostgreSQL's percentile_disc.
    """
    rank = max(1, math.ceil(sum(counts.values()) * percent / 100))
    for each in sorted(counts):
        rank -= counts[each]
        if rank <= 0:
            return middle(each)
    return None
