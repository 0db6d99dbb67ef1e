"""Reads blocks of columns: stored ones, and ones made of the requests that none is stored of."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql

from stats import asking
from stats.cover import HOUR, Range
from stats.reading import where, within
from stats.traffic.blocks import Part
from stats.traffic.column_blocks import Block, of_rows, unpacked
from stats.traffic.columns import MINUTE_ENDS, NUMBERS, OF_ROWS, STORED
from stats.traffic.conditions import conditions
from stats.traffic.criteria import Criteria

BATCH_ROWS = 10_000
BATCH_NUMBERS = 6_000_000  # which are some megabytes
PARTS = """
    SELECT start, hours, part, n, number, width, numbers, dictionary FROM stats_trafficcolumn
    WHERE number = ANY ({numbers}::smallint[]) AND {where} ORDER BY start, hours, part
"""
ROWS = "SELECT {columns} FROM traffic_request WHERE {where} ORDER BY occurred_at"
MOMENT = "(date_part('epoch', occurred_at) * 1000)::bigint - {start}"


class Gone(Exception):
    """A block has been replaced since it was planned to read it."""


def batches(parts: Sequence[Part], columns: int) -> Iterator[list[Part]]:
    """Parts that are read by one statement, so many columns of each."""
    batch: list[Part] = []
    n = 0
    for part in parts:
        if batch and (n + part.n) * columns > BATCH_NUMBERS:
            yield batch
            batch, n = [], 0
        batch.append(part)
        n += part.n
    if batch:
        yield batch


def stored(parts: Sequence[Part], names: Iterable[str]) -> list[Block]:
    """Some columns of blocks that follow each other, and their minutes. Raises Gone."""
    range_ = (parts[0].start, parts[-1].start + HOUR)
    statement = sql.SQL(PARTS).format(
        numbers=sql.Literal([STORED[name] for name in (MINUTE_ENDS, *names)]),
        where=where(parts[0].application_id, None) + within("start", range_),
    )
    wanted = {part[1:] for part in parts}
    found = []
    for key, rows in groupby(_binary(statement), lambda row: row[:4]):
        if key in wanted:
            start, _, _, n = key
            found.append(unpacked(start, n, (row[4:] for row in rows)))
    if len(found) != len(parts):
        raise Gone
    return found


def _binary(statement: sql.Composed) -> list[tuple[Any, ...]]:
    """The rows of a statement, sent in binary: bytes as text are twice as long."""
    asking.settle()
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:  # Django's take only text
        cursor.execute(statement, binary=True)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def encoded(
    application_id: int, criteria: Criteria, range_: Range, start: datetime
) -> Iterator[Block]:
    """Blocks of the requests themselves that meet the criteria, some thousand at a time."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_rows_of(application_id, criteria, range_, start))
        while rows := cursor.fetchmany(BATCH_ROWS):
            yield of_rows(start, rows)


def _rows_of(
    application_id: int, criteria: Criteria, range_: Range, start: datetime
) -> sql.Composed:
    """The statement that reads them as `of_rows` takes them."""
    moment = sql.SQL(MOMENT).format(start=sql.Literal(int(start.timestamp()) * 1000))
    sums = sql.SQL("coalesce({}, 0)")
    columns = [
        sums.format(sql.Identifier(name)) if name in NUMBERS else sql.Identifier(name)
        for name in OF_ROWS
    ]
    return sql.SQL(ROWS).format(
        columns=sql.SQL(", ").join([moment, *columns]),
        where=conditions(application_id, criteria) + within("occurred_at", range_),
    )
