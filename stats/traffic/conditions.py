"""Criteria as conditions of statements, over rows and rollups alike."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from psycopg import sql

from stats.reading import where
from stats.traffic.criteria import Criteria, status_ranges

# A column of its name where that is no word of SQL's.
_CASTS = {"ip_address": "inet", "event_id": "uuid", "request_id": "uuid", "agent": "bigint"}


def conditions(application_id: int, criteria: Criteria) -> sql.Composed:
    """The condition that a row is of the application and meets the criteria, but for its time."""
    every = [where(application_id, None)]
    every += [_one_of(column, values) for column, values in criteria.included.items()]
    every += [_none_of(column, values) for column, values in criteria.excluded.items()]
    every += _of_rows(criteria)
    return sql.SQL(" AND ").join(every)


def _one_of(column: str, values: Sequence[object]) -> sql.Composed:
    if column == "status":
        ranges = [
            sql.SQL("status BETWEEN {} AND {}").format(sql.Literal(low), sql.Literal(high))
            for low, high in status_ranges(values)
        ]
        return sql.SQL("({})").format(sql.SQL(" OR ").join(ranges))
    return sql.SQL("{} = ANY ({}::{}[])").format(
        sql.Identifier(column),
        sql.Literal([str(value) for value in values]),
        sql.SQL(_CASTS.get(column, "text")),
    )


def _none_of(column: str, values: Sequence[object]) -> sql.Composed:
    """Rows that have no value at all are kept."""
    return sql.SQL("({}) IS NOT TRUE").format(_one_of(column, values))


def _of_rows(criteria: Criteria) -> Iterator[sql.Composed]:
    if criteria.text:
        yield sql.SQL("strpos(upper(path), upper({})) > 0").format(sql.Literal(criteria.text))
    if criteria.least_ms is not None:
        yield sql.SQL("duration_ms >= {}").format(sql.Literal(criteria.least_ms))
    if criteria.most_ms is not None:
        yield sql.SQL("duration_ms <= {}").format(sql.Literal(criteria.most_ms))


def within_minutes(starts: Sequence[datetime]) -> sql.Composable:
    """The moment of a row, by which it is told into buckets that start on whole minutes."""
    if not starts:
        return sql.SQL("NULL::timestamptz")
    return sql.SQL("date_bin('1 minute', occurred_at, 'epoch')")
