"""What all readers of the rollups share: conditions as literals, and rows.

Literals, not parameters: planning then leaves the other days' partitions out.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from psycopg import sql

from stats.cover import Range

# One application, or several together.
Applications = int | Sequence[int]
# Only these levels; None for all.
Levels = Sequence[int] | None


def where(application_ids: Applications, levels: Levels) -> sql.Composed:
    if isinstance(application_ids, int):
        condition = sql.SQL("application_id = {}").format(sql.Literal(application_ids))
    else:
        ids = sql.Literal(list(application_ids))
        condition = sql.SQL("application_id = ANY ({}::bigint[])").format(ids)
    if levels is not None:
        condition += sql.SQL(" AND level = ANY ({}::smallint[])").format(sql.Literal(list(levels)))
    return condition


def within(column: str, piece: Range) -> sql.Composed:
    """The condition that a moment lies in a range."""
    return sql.SQL(" AND {column} >= {low} AND {column} < {high}").format(
        column=sql.Identifier(column), low=sql.Literal(piece[0]), high=sql.Literal(piece[1])
    )


def branches(
    select: str, column: str, pieces: Iterable[Range], whose: sql.Composed, **parts: sql.Composable
) -> list[sql.Composed]:
    """The statement `select` over each piece, so that each names only the days that it needs."""
    return [
        sql.SQL(select).format(where=whose + within(column, piece), **parts) for piece in pieces
    ]


def union(*statements: Iterable[sql.Composable]) -> sql.Composed:
    """Branches as one statement, so that all are read from one snapshot."""
    return sql.SQL(" UNION ALL ").join([branch for listed in statements for branch in listed])


def rows(statement: str, **parts: sql.Composable) -> list[tuple[Any, ...]]:
    """What a statement answers whose `{name}`s are these parts."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(**parts))
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
