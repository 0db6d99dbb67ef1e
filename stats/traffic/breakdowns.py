"""Requests by the values of one dimension, the most frequent first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql

from stats import reading
from stats.cover import Cover, cover_by_rows, cover_messages
from stats.reading import Source, tail, union, where
from stats.traffic.conditions import conditions
from stats.traffic.criteria import Criteria
from stats.traffic.days import closed_days
from stats.traffic.dimensions import Dimension

ROWS = """
    SELECT {column} AS value, count(*) AS n,
        count(*) FILTER (WHERE status BETWEEN 400 AND 499) AS client_errors,
        count(*) FILTER (WHERE status >= 500) AS server_errors,
        min(occurred_at) AS first_at, max(occurred_at) AS last_at
    FROM traffic_request WHERE {where} AND {column} IS NOT NULL GROUP BY 1
"""
ROLLUP = """
    SELECT value, n, client_errors, server_errors, first_at, last_at FROM {table} WHERE {where}
"""
VALUES = """
    SELECT value, sum(n)::bigint AS n, sum(client_errors)::bigint, sum(server_errors)::bigint,
        min(first_at), max(last_at), count(*) OVER ()
    FROM ({counted}) AS counted GROUP BY value HAVING sum(n) > 0
    ORDER BY n DESC, value LIMIT {limit} OFFSET {offset}
"""


@dataclass(frozen=True, slots=True)
class ValueCount:
    """Requests that have one value in a dimension."""

    value: str
    requests: int
    client_errors: int
    server_errors: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Breakdown:
    values: Sequence[ValueCount]
    distinct: int  # values altogether


def breakdown(
    application_id: int,
    criteria: Criteria,
    dimension: Dimension,
    *,
    limit: int,
    offset: int = 0,
) -> Breakdown:
    """The most frequent values of a dimension among the requests that meet the criteria."""
    found = reading.rows(
        VALUES,
        counted=_counted(application_id, criteria, dimension),
        limit=sql.Literal(limit),
        offset=sql.Literal(offset),
    )
    distinct = found[0][-1] if found else 0
    return Breakdown([ValueCount(*row[:-1]) for row in found], distinct)


def _counted(application_id: int, criteria: Criteria, dimension: Dimension) -> sql.Composed:
    pieces = _pieces(criteria, dimension)
    column = sql.Identifier(dimension.column)
    whose = where(application_id, None) + sql.SQL(" AND dimension = {}").format(int(dimension))
    for name, values in criteria.included.items():
        if name == dimension.column:
            chosen = sql.Literal([str(value) for value in values])
            whose += sql.SQL(" AND value = ANY ({}::text[])").format(chosen)
    for name, values in criteria.excluded.items():
        if name == dimension.column:
            chosen = sql.Literal([str(value) for value in values])
            whose += sql.SQL(" AND value <> ALL ({}::text[])").format(chosen)
    rows = Source(ROWS, "occurred_at", conditions(application_id, criteria), {"column": column})
    hours = Source(ROLLUP, "hour", whose, {"table": sql.Identifier("stats_trafficvaluehour")})
    days = Source(ROLLUP, "day", whose, {"table": sql.Identifier("stats_trafficvalueday")})
    return union(
        rows.over(pieces.rows),
        hours.over(pieces.hours),
        tail(pieces.tail, application_id, rows, hours, "traffic_request"),
        days.over(pieces.days),
    )


def _pieces(criteria: Criteria, dimension: Dimension) -> Cover:
    since, until = criteria.since, criteria.until
    others = {*criteria.included, *criteria.excluded} - {dimension.column}
    if criteria.of_rows or others:
        return cover_by_rows(since, until)
    return cover_messages(since, until, closed=closed_days(since, until))
