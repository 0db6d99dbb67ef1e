"""Writes blocks of columns, in transactions that no deletion of requests can cross."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from loghandler import partitions
from stats.cover import DAY, HOUR, floor
from stats.reading import where, within
from stats.traffic import blocks
from stats.traffic.block_reading import encoded, stored
from stats.traffic.blocks import Part, Plan
from stats.traffic.column_blocks import Block, merged, packed
from stats.traffic.columns import ALL
from stats.traffic.criteria import Criteria

MOST_ROWS = 1_000_000  # of a block: what it takes to read one is bounded
# Who deletes requests waits, or has them waited for: else they would come back in a block.
HOLD = """
    SELECT pg_advisory_xact_lock(hashtext('loghandler.columns'));
    LOCK TABLE {requests} IN ROW EXCLUSIVE MODE
"""
FORGET = "DELETE FROM stats_trafficcolumn WHERE {where}"
STORE = """
    COPY stats_trafficcolumn
        (application_id, start, hours, part, n, number, width, numbers, dictionary)
    FROM STDIN (FORMAT BINARY)
"""
TYPES = ("int8", "timestamptz", "int2", "int2", "int4", "int2", "int2", "bytea", "bytea")


def write_hour(application_id: int, hour: datetime) -> None:
    """Write an hour; a block of the whole day ends with it."""
    midnight = floor(hour, DAY)
    with transaction.atomic(), connection.cursor() as cursor:
        _hold(cursor, hour.date())
        old = sql.SQL(" AND (hours = 24 OR start = {})").format(hour)
        _forget(cursor, application_id, midnight, old)
        _store(cursor, application_id, hour, 1, _encoded(application_id, hour))


def write_day(application_id: int, midnight: datetime) -> None:
    """Write a day, of the blocks of its hours where they are whole."""
    with transaction.atomic(), connection.cursor() as cursor:
        _hold(cursor, midnight.date())
        plan = blocks.planned(application_id, midnight, midnight + DAY)
        _forget(cursor, application_id, midnight, sql.SQL(" AND hours = 24"))
        _store(cursor, application_id, midnight, 24, _hours(application_id, plan))
        _forget(cursor, application_id, midnight, sql.SQL(" AND hours = 1"))


def _hours(application_id: int, plan: Plan) -> Iterator[Block]:
    """What is stored of hours, and the hours of which nothing is, in their order."""
    kept: dict[datetime, list[Part]] = {}
    for part in plan.parts:
        kept.setdefault(part.start, []).append(part)
    for hour in sorted([*kept, *plan.open]):
        if hour in kept:
            yield from stored(kept[hour], ALL)
        else:
            yield from _encoded(application_id, hour)


def _encoded(application_id: int, hour: datetime) -> Iterator[Block]:
    span = hour, hour + HOUR
    return encoded(application_id, Criteria(*span), span, hour)


def _hold(cursor: Any, day: date) -> None:
    cursor.execute("SET LOCAL statement_timeout = 0")
    requests = sql.Identifier(partitions.name("traffic_request", day))
    cursor.execute(sql.SQL(HOLD).format(requests=requests))


def _forget(cursor: Any, application_id: int, midnight: datetime, which: sql.Composable) -> None:
    whose = where(application_id, None) + within("start", (midnight, midnight + DAY))
    cursor.execute(sql.SQL(FORGET).format(where=whose + which))


def _store(
    cursor: Any, application_id: int, start: datetime, hours: int, pieces: Iterable[Block]
) -> None:
    """Store pieces that follow each other as one block; in parts where they are too many."""
    for part, group in enumerate(_groups(pieces)):
        block = merged(start, group)
        with cursor.copy(STORE) as copy:
            copy.set_types(TYPES)
            for column in packed(block):
                copy.write_row((application_id, start, hours, part, block.n, *column))


def _groups(pieces: Iterable[Block]) -> Iterator[list[Block]]:
    """Blocks that follow each other, together no longer than one may be."""
    group: list[Block] = []
    for piece in pieces:
        if group and sum(block.n for block in group) + piece.n > MOST_ROWS:
            yield group
            group = []
        group.append(piece)
    if group:
        yield group
