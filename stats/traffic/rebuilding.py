"""Makes the rollups of a day's requests anew from the requests, and leaves the day open."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db import connection, transaction
from psycopg import sql

from loghandler import partitions
from stats.models import TrafficMinute
from stats.traffic.dimensions import Dimension
from traffic.histograms import DIGITS

# SHARE ROW EXCLUSIVE, not SHARE: two that rebuild a day would each wait for the other's deletion.
LOCK_DAY = "LOCK TABLE {requests} IN SHARE ROW EXCLUSIVE MODE"
FORGET = """
    DELETE FROM stats_trafficminute WHERE minute >= {low} AND minute < {high} AND {whose};
    DELETE FROM stats_trafficvaluehour WHERE hour >= {low} AND hour < {high} AND {whose};
    DELETE FROM stats_traffichour WHERE hour >= {low} AND hour < {high} AND {whose};
    DELETE FROM stats_traffictotal WHERE hour >= {low} AND hour < {high} AND {whose};
    DELETE FROM stats_trafficcolumn WHERE start >= {low} AND start < {high} AND {whose};
    DELETE FROM stats_closedtrafficday WHERE day = {day};
"""
ROUTES = """
    INSERT INTO {table} (application_id, {column}, method, route, status, n,
        request_bytes, response_bytes, durations)
    SELECT application_id, at, method, route, status, sum(n), sum(request_bytes),
        sum(response_bytes), sum(n * ('1' || repeat('0', {digits} * bucket))::numeric)
    FROM (
        SELECT application_id, date_trunc({unit}, occurred_at, 'UTC') AS at, method, route,
            status, bucket, count(*) AS n, coalesce(sum(request_bytes), 0) AS request_bytes,
            coalesce(sum(response_bytes), 0) AS response_bytes
        FROM {requests} WHERE {whose} GROUP BY 1, 2, 3, 4, 5, 6
    ) AS grouped
    GROUP BY application_id, at, method, route, status;
"""
TOTALS = """
    INSERT INTO stats_traffictotal (application_id, hour, status, n, request_bytes, response_bytes,
        durations)
    SELECT application_id, hour, status, sum(n), sum(request_bytes), sum(response_bytes),
        sum(durations)
    FROM stats_traffichour WHERE hour >= {low} AND hour < {high} AND {whose}
    GROUP BY 1, 2, 3;
"""
VALUES = """
    INSERT INTO stats_trafficvaluehour (application_id, hour, dimension, value, n, client_errors,
        server_errors, first_at, last_at)
    SELECT application_id, date_trunc('hour', occurred_at, 'UTC'), dimension, value, count(*),
        count(*) FILTER (WHERE status BETWEEN 400 AND 499), count(*) FILTER (WHERE status >= 500),
        min(occurred_at), max(occurred_at)
    FROM {requests} CROSS JOIN LATERAL (VALUES {dimensions}) AS told (dimension, value)
    WHERE value IS NOT NULL AND {whose}
    GROUP BY 1, 2, 3, 4;
"""


def days() -> list[date]:
    """The days that have requests' partitions, oldest first."""
    return partitions.days("traffic_request")


def lock(day: date) -> None:
    """Hold off whoever writes requests of this day, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(sql.SQL(LOCK_DAY).format(requests=_requests(day)))


def _requests(day: date) -> sql.Identifier:
    return sql.Identifier(partitions.name("traffic_request", day))


def rebuild(day: date, application_id: int | None = None) -> None:
    """Count a day again, of all applications or of one, in one transaction.

    Its requests wait for as long as it takes.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        lock(day)
        parts = _parts(day, application_id)
        for statements, more in _statements(day):
            cursor.execute(sql.SQL(statements).format(**parts, **more))


def _statements(day: date) -> Iterator[tuple[str, dict[str, sql.Composable]]]:
    yield FORGET, {}
    units = ["hour"]
    if day >= partitions.today() - timedelta(days=TrafficMinute.partitions_kept_days):
        units.append("minute")
    for unit in units:
        table, column = sql.Identifier(f"stats_traffic{unit}"), sql.Identifier(unit)
        yield ROUTES, {"table": table, "column": column, "unit": sql.Literal(unit)}
    yield TOTALS, {}
    yield VALUES, {}


def _parts(day: date, application_id: int | None) -> dict[str, sql.Composable]:
    whose = sql.SQL("true")
    if application_id is not None:
        whose = sql.SQL("application_id = {}").format(application_id)  # type: ignore[assignment]
    dimensions = [
        sql.SQL("({}::smallint, {})").format(int(dimension), sql.Identifier(dimension.column))
        for dimension in Dimension
    ]
    return {
        "requests": _requests(day),
        "day": sql.Literal(day),
        "low": sql.Literal(f"{day} 00:00:00+00"),
        "high": sql.Literal(f"{day + timedelta(days=1)} 00:00:00+00"),
        "digits": sql.Literal(DIGITS),
        "dimensions": sql.SQL(", ").join(dimensions),
        "whose": whose,
    }
