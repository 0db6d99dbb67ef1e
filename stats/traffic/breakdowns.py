"""Requests by the values of one dimension, the most frequent first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import sql

from stats.asking import Asking, asked
from stats.cover import Cover, cover_by_rows, cover_messages
from stats.reading import Source, statement, tail, union, where
from stats.traffic.conditions import conditions
from stats.traffic.criteria import Criteria
from stats.traffic.days import closed_days
from stats.traffic.dimensions import Dimension
from stats.traffic.slicing import sliced

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
# Sums as float8, which is exact up to 2^53: that of bigint is numeric, and there may be very many.
VALUES = """
    SELECT value, n::bigint, client_errors::bigint, server_errors::bigint, first_at, last_at,
        distinct_values
    FROM (
        SELECT value, sum(n::float8) AS n, sum(client_errors::float8) AS client_errors,
            sum(server_errors::float8) AS server_errors, min(first_at) AS first_at,
            max(last_at) AS last_at, count(*) OVER () AS distinct_values
        FROM ({counted}) AS counted GROUP BY value HAVING sum(n::float8) > 0
        ORDER BY n DESC, value LIMIT {limit} OFFSET {offset}
    ) AS ranked ORDER BY n DESC, value
"""


# Several dimensions by one look at the rollups, which have all of them in one table.
ALL_ROWS = """
    SELECT dimension, value, count(*) AS n,
        count(*) FILTER (WHERE status BETWEEN 400 AND 499) AS client_errors,
        count(*) FILTER (WHERE status >= 500) AS server_errors
    FROM traffic_request CROSS JOIN LATERAL (VALUES {told}) AS told (dimension, value)
    WHERE {where} AND value IS NOT NULL GROUP BY 1, 2
"""
ALL = "SELECT dimension, value, n, client_errors, server_errors FROM {table} WHERE {where}"
ALL_VALUES = """
    SELECT dimension, value, n, client_errors, server_errors, distinct_values
    FROM (
        SELECT *, row_number() OVER (PARTITION BY dimension ORDER BY n DESC, value) AS rank,
            count(*) OVER (PARTITION BY dimension) AS distinct_values
        FROM (
            SELECT dimension, value, sum(n)::bigint AS n,
                sum(client_errors)::bigint AS client_errors,
                sum(server_errors)::bigint AS server_errors
            FROM ({counted}) AS counted GROUP BY dimension, value HAVING sum(n) > 0
        ) AS summed
    ) AS ranked
    WHERE rank <= {limit} ORDER BY dimension, rank
"""


@dataclass(frozen=True, slots=True)
class ValueCount:
    """Requests that have one value in a dimension."""

    value: str
    requests: int
    client_errors: int
    server_errors: int
    # Where one dimension is asked for.
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Breakdown:
    values: Sequence[ValueCount]
    distinct: int  # values altogether


@asked
def breakdowns(
    application_id: int, criteria: Criteria, limits: Mapping[Dimension, int]
) -> Asking[dict[Dimension, Breakdown]]:
    """The most frequent values of several dimensions, of each so many, by one statement where that
    can be.
    """
    if criteria.chooses:
        others = {each: limits[each] for each in limits if _of_others(criteria, each)}
        chosen = sliced(application_id, criteria) if others else None
        found = chosen.breakdowns(others) if chosen else {}
    else:
        [rows] = yield [_of_rollups(application_id, criteria, limits)]
        found = _apart(limits, rows)
    for dimension, limit in limits.items():
        if dimension not in found:
            each = breakdown.steps(application_id, criteria, dimension, limit=limit)
            found[dimension] = yield from each
    return found


def _limit(limits: Mapping[int, int]) -> sql.Composed:
    """How many values are told of each dimension."""
    cases = [sql.SQL("WHEN {} THEN {}").format(*pair) for pair in limits.items()]
    return sql.SQL("CASE dimension {} END").format(sql.SQL(" ").join(cases))


def _of_rollups(
    application_id: int, criteria: Criteria, limits: Mapping[Dimension, int]
) -> sql.Composed:
    since, until = criteria.since, criteria.until
    pieces = cover_messages(since, until, closed=closed_days(since, until))
    numbers = sql.Literal(list(map(int, limits)))
    whose = where(application_id, None)
    named = whose + sql.SQL(" AND dimension = ANY ({}::smallint[])").format(numbers)
    told = [
        sql.SQL("({}::smallint, {})").format(int(dimension), sql.Identifier(dimension.column))
        for dimension in limits
    ]
    rows = Source(ALL_ROWS, "occurred_at", whose, {"told": sql.SQL(", ").join(told)})
    hours = Source(ALL, "hour", named, {"table": sql.Identifier("stats_trafficvaluehour")})
    days = Source(ALL, "day", named, {"table": sql.Identifier("stats_trafficvalueday")})
    counted = union(
        rows.over(pieces.rows),
        hours.over(pieces.hours),
        tail(pieces.tail, application_id, rows, hours, "traffic_request"),
        days.over(pieces.days),
    )
    limit = _limit({int(each): limit for each, limit in limits.items()})
    return statement(ALL_VALUES, counted=counted, limit=limit)


def _apart(
    dimensions: Iterable[Dimension], rows: Sequence[tuple[Any, ...]]
) -> dict[Dimension, Breakdown]:
    """Rows of (dimension, a value's figures, the number of its values) by dimension."""
    values: dict[int, list[ValueCount]] = {dimension: [] for dimension in dimensions}
    distinct = dict.fromkeys(values, 0)
    for dimension, *row, distinct_values in rows:
        values[dimension].append(ValueCount(*row))
        distinct[dimension] = distinct_values
    return {Dimension(each): Breakdown(values[each], distinct[each]) for each in values}


@asked
def breakdown(
    application_id: int,
    criteria: Criteria,
    dimension: Dimension,
    *,
    limit: int,
    offset: int = 0,
) -> Asking[Breakdown]:
    """The most frequent values of a dimension among the requests that meet the criteria."""
    if _of_others(criteria, dimension) and (chosen := sliced(application_id, criteria)):
        return chosen.breakdowns({dimension: limit}, offset, moments=True)[dimension]
    ranked = statement(
        VALUES,
        counted=_counted(application_id, criteria, dimension),
        limit=sql.Literal(limit),
        offset=sql.Literal(offset),
    )
    [found] = yield [ranked]
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
    if _of_others(criteria, dimension):
        return cover_by_rows(since, until)
    return cover_messages(since, until, closed=closed_days(since, until))


def _of_others(criteria: Criteria, dimension: Dimension) -> bool:
    """Whether requests are chosen by more than the values of this dimension."""
    others = {*criteria.included, *criteria.excluded} - {dimension.column}
    return criteria.of_rows or bool(others)
