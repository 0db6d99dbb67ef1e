"""How many requests there were: of each route over time, and of each hour of the week."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from psycopg import sql

from stats.asking import Asking, asked
from stats.cover import Cover
from stats.reading import Source, moments, statement, union
from stats.traffic.conditions import conditions
from stats.traffic.criteria import Criteria
from stats.traffic.measures import chosen_of, counted, names_routes, pieces_of

BY_ROUTE = """
    SELECT method, route, width_bucket(at, {starts}::timestamptz[]) - 1, sum(n)::bigint
    FROM ({counted}) AS counted GROUP BY 1, 2, 3
"""
HOURS_OF_DAYS = """
    SELECT day + hour * interval '1 hour' AS at, NULL, NULL, status,
        quarters[4 * hour + 4] - coalesce(quarters[4 * hour], 0) AS n, 0, 0, 0
    FROM stats_traffictotalday CROSS JOIN generate_series(0, 23) AS hour WHERE {where}
"""
# An hour that begins within another one of the zone, as in India, counts where it begins.
BY_HOUR_OF_WEEK = """
    SELECT extract(isodow FROM at AT TIME ZONE {zone})::int,
        extract(hour FROM at AT TIME ZONE {zone})::int, sum(n)::bigint
    FROM (
        SELECT at, sum(n) AS n FROM ({counted}) AS counted GROUP BY at HAVING sum(n) > 0
    ) AS summed
    GROUP BY 1, 2
"""


@asked
def courses(
    application_id: int,
    criteria: Criteria,
    starts: Sequence[datetime],
    *,
    by_minute: bool,
    routes: Sequence[str] = (),
) -> Asking[dict[tuple[str, str], list[int]]]:
    """Requests by bucket of each (method, route); `routes` are those that matter, if not all do."""
    pieces = pieces_of(criteria, starts, by_minute=by_minute)
    if chosen := chosen_of(application_id, criteria, pieces, by_minute=by_minute):
        return chosen.courses(starts)
    if routes and "route" not in criteria.included:
        criteria = replace(criteria, included={**criteria.included, "route": routes})
    branches = counted(application_id, criteria, pieces, routes=True, starts=starts)
    [found] = yield [statement(BY_ROUTE, starts=moments(starts), counted=branches)]
    by_route: dict[tuple[str, str], list[int]] = {}
    for method, route, bucket, n in found:
        by_route.setdefault((method, route), [0] * len(starts))[bucket] += n
    return by_route


@asked
def by_hour_of_week(
    application_id: int, criteria: Criteria, zone: ZoneInfo
) -> Asking[dict[tuple[int, int], int]]:
    """Requests of each (day of the week, hour) in a zone; 1 is Monday."""
    pieces = pieces_of(criteria)
    if chosen := chosen_of(application_id, criteria, pieces):
        return chosen.by_hour_of_week(zone)
    by_hour = _by_hour(application_id, criteria, pieces)
    [found] = yield [statement(BY_HOUR_OF_WEEK, zone=sql.Literal(zone.key), counted=by_hour)]
    return {(day, hour): n for day, hour, n in found}


def _by_hour(application_id: int, criteria: Criteria, pieces: Cover) -> sql.Composed:
    starts = (criteria.since,)
    if names_routes(criteria):
        hours = replace(pieces, hours=pieces.hours + pieces.days, days=())
        return counted(application_id, criteria, hours, routes=True, starts=starts)
    others = replace(pieces, days=())
    days = Source(HOURS_OF_DAYS, "day", conditions(application_id, criteria)).over(pieces.days)
    return union([counted(application_id, criteria, others, routes=False, starts=starts)], days)


def hours_of_week(
    starts: Sequence[datetime], counts: Sequence[int], zone: ZoneInfo
) -> dict[tuple[int, int], int]:
    """The same of requests that are counted by the hour."""
    found: Counter[tuple[int, int]] = Counter()
    for start, n in zip(starts, counts, strict=True):
        local = start.astimezone(zone)
        found[local.isoweekday(), local.hour] += n
    return found
