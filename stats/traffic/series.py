"""Traffic over time: the measures that are asked for, by bucket."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from stats.buckets import Interval, bucket_starts
from stats.traffic.criteria import Criteria
from stats.traffic.measures import Measure, by_bucket
from stats.traffic.users import distinct_users_by_bucket

Value = float | int | None
MEASURES: Mapping[str, Callable[[Measure], Value]] = {
    "requests": lambda measure: measure.requests,
    "errors": lambda measure: measure.errors,
    "client_errors": lambda measure: measure.client_errors,
    "server_errors": lambda measure: measure.server_errors,
    "request_bytes": lambda measure: measure.request_bytes,
    "response_bytes": lambda measure: measure.response_bytes,
    "max": lambda measure: measure.percentiles([1.0])[0],
}
USERS = "users"
DEFAULT = ("requests", "errors", "p50", "p95", "p99")
_PERCENTILE = re.compile(r"p(100|[0-9]{1,2}(?:\.[0-9]{1,3})?)")


def percentile(name: str) -> float | None:
    """The fraction that a measure such as `p99.9` asks for; None where it asks for none."""
    found = _PERCENTILE.fullmatch(name)
    return float(found[1]) / 100 if found else None


def is_measure(name: str) -> bool:
    return name in MEASURES or name == USERS or percentile(name) is not None


@dataclass(frozen=True, slots=True)
class Point:
    bucket_start: datetime
    values: Mapping[str, Value]  # by measure; durations in ms, None of no requests


def traffic_series(
    application_id: int,
    criteria: Criteria,
    interval: Interval,
    measures: Sequence[str],
    *,
    zone: tzinfo = UTC,
    fill: bool = False,
) -> list[Point]:
    """The measures of the requests that meet the criteria, by bucket; `fill` adds the empty ones.

    Raises buckets.TooManyBuckets.
    """
    starts = bucket_starts(criteria.since, criteria.until, interval, zone)
    by_minute = interval == Interval.MINUTE
    measured = by_bucket(application_id, criteria, starts, by_minute=by_minute)
    users: Sequence[int] = [0] * len(starts)
    if USERS in measures:
        users = distinct_users_by_bucket(application_id, criteria, starts, by_minute=by_minute)
    return [
        Point(start, {name: _value(name, measure, count) for name in measures})
        for start, measure, count in zip(starts, measured, users, strict=True)
        if fill or measure.requests
    ]


def _value(name: str, measure: Measure, users: int) -> Value:
    if name == USERS:
        return users
    fraction = percentile(name)
    if fraction is not None:
        return measure.percentiles([fraction])[0]
    return MEASURES[name](measure)
