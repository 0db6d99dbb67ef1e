"""Makes the rollups of a day anew from its raw rows, and leaves the day open: see `closing.py`."""

from datetime import date, timedelta

from django.db import connection, transaction
from psycopg import sql

from loghandler import partitions
from stats.rollups import DIGEST

# Waits for the writers of that day and holds new ones off: only today's day has any.
LOCK_DAY = "LOCK TABLE {events} IN SHARE MODE"
FORGET = """
    DELETE FROM stats_messagecount WHERE hour >= {low} AND hour < {high};
    DELETE FROM stats_minutecount WHERE minute >= {low} AND minute < {high};
    DELETE FROM stats_hourcount WHERE hour >= {low} AND hour < {high};
    DELETE FROM stats_closedday WHERE day = {day};
"""
COUNT = """
    INSERT INTO stats_messagecount (application_id, hour, level, digest, n, last_id)
    SELECT application_id, date_trunc('hour', received_at, 'UTC'), level,
        {digest},
        count(*), max(id::text COLLATE "C")::uuid
    FROM {events} GROUP BY 1, 2, 3, message;
    INSERT INTO stats_minutecount (application_id, minute, level, n)
    SELECT application_id, date_trunc('minute', received_at, 'UTC'), level, count(*)
    FROM {events} GROUP BY 1, 2, 3;
    INSERT INTO stats_hourcount (application_id, hour, level, n, last_id)
    SELECT application_id, date_trunc('hour', received_at, 'UTC'), level, count(*),
        max(id::text COLLATE "C")::uuid
    FROM {events} GROUP BY 1, 2, 3;
"""


def days() -> list[date]:
    """The days that have events' partitions, oldest first."""
    return partitions.days("events_event")


def rebuild(day: date) -> None:
    """Count a day again, in one transaction; its events wait for as long as it takes."""
    parts = {
        "digest": sql.SQL(DIGEST),
        "events": sql.Identifier(partitions.name("events_event", day)),
        "day": sql.Literal(day),
        "low": sql.Literal(f"{day} 00:00:00+00"),
        "high": sql.Literal(f"{day + timedelta(days=1)} 00:00:00+00"),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        for statements in (LOCK_DAY, FORGET, COUNT):
            cursor.execute(sql.SQL(statements).format(**parts))
