"""What all readers of the rollups share: conditions as literals, and rows.

Literals, not parameters: planning then leaves the other days' partitions out.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from psycopg import sql

from stats.cover import Range

# Only these levels; None for all.
Levels = Sequence[int] | None


def where(application_id: int, levels: Levels) -> sql.Composed:
    condition = sql.SQL("application_id = {}").format(sql.Literal(application_id))
    if levels is not None:
        condition += sql.SQL(" AND level = ANY ({}::smallint[])").format(sql.Literal(list(levels)))
    return condition


def within(column: str, piece: Range) -> sql.Composed:
    """The condition that a moment lies in a range."""
    return sql.SQL(" AND {column} >= {low} AND {column} < {high}").format(
        column=sql.Identifier(column), low=sql.Literal(piece[0]), high=sql.Literal(piece[1])
    )


def rows(statement: str, **parts: sql.Composable) -> list[tuple[Any, ...]]:
    """What a statement answers whose `{name}`s are these parts."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(**parts))
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
