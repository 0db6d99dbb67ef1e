"""How many requests there were: of each route over time, and of each hour of the week."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from psycopg import sql

from stats import reading
from stats.traffic.criteria import Criteria
from stats.traffic.measures import chosen_of, counted, pieces_of

BY_ROUTE = """
    SELECT method, route, width_bucket(at, {starts}::timestamptz[]) - 1, sum(n)::bigint
    FROM ({counted}) AS counted GROUP BY 1, 2, 3
"""
# An hour that begins within another one of the zone, as in India, counts where it begins.
BY_HOUR_OF_WEEK = """
    SELECT extract(isodow FROM at AT TIME ZONE {zone})::int,
        extract(hour FROM at AT TIME ZONE {zone})::int, sum(n)::bigint
    FROM (SELECT at, sum(n) AS n FROM ({counted}) AS counted GROUP BY at) AS summed GROUP BY 1, 2
"""


def courses(
    application_id: int,
    criteria: Criteria,
    starts: Sequence[datetime],
    *,
    by_minute: bool,
    routes: Sequence[str] = (),
) -> dict[tuple[str, str], list[int]]:
    """Requests by bucket of each (method, route); `routes` are those that matter, if not all do."""
    if chosen := chosen_of(application_id, criteria, by_minute):
        return chosen.courses(starts)
    if routes and "route" not in criteria.included:
        criteria = replace(criteria, included={**criteria.included, "route": routes})
    pieces = pieces_of(criteria, starts, by_minute, by_day=True)
    found: dict[tuple[str, str], list[int]] = {}
    branches = counted(application_id, criteria, pieces, routes=True, starts=starts)
    for method, route, bucket, n in reading.rows(
        BY_ROUTE, starts=sql.Literal(list(starts)), counted=branches
    ):
        found.setdefault((method, route), [0] * len(starts))[bucket] += n
    return found


def by_hour_of_week(
    application_id: int, criteria: Criteria, zone: ZoneInfo
) -> dict[tuple[int, int], int]:
    """Requests of each (day of the week, hour) in a zone; 1 is Monday."""
    if chosen := chosen_of(application_id, criteria):
        return chosen.by_hour_of_week(zone)
    pieces = pieces_of(criteria, (criteria.since,), by_minute=False, by_day=False)
    branches = counted(application_id, criteria, pieces, routes=False, starts=(criteria.since,))
    found = reading.rows(BY_HOUR_OF_WEEK, zone=sql.Literal(zone.key), counted=branches)
    return {(day, hour): n for day, hour, n in found}


def hours_of_week(
    starts: Sequence[datetime], counts: Sequence[int], zone: ZoneInfo
) -> dict[tuple[int, int], int]:
    """The same of requests that are counted by the hour."""
    found: Counter[tuple[int, int]] = Counter()
    for start, n in zip(starts, counts, strict=True):
        local = start.astimezone(zone)
        found[local.isoweekday(), local.hour] += n
    return found
