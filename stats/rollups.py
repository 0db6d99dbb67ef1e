"""Counts events into the rollups, inside the transaction that writes or deletes them."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import psycopg

from stats.cover import FAR, HOUR, MINUTE, floor

# What the rollups need to know of an event: application_id, id, received_at, level, message.
Counted = tuple[int, UUID, datetime, int, str]

# Each adds, and each is fed in the order of its key: unsorted, two writers deadlock. The hottest
# rows come last, so that they are locked for the shortest time.
ADD_MESSAGES = """
    INSERT INTO stats_messagecount AS t (application_id, hour, level, digest, n, last_id)
    SELECT * FROM unnest(
        %b::bigint[], %b::timestamptz[], %b::smallint[], %b::uuid[], %b::bigint[], %b::uuid[])
    ON CONFLICT (application_id, hour, level, digest)
    DO UPDATE SET n = t.n + EXCLUDED.n, last_id = GREATEST(t.last_id, EXCLUDED.last_id)
"""
# What is added to a closed day makes its sums old. In the order of days: two writers that open
# the same ones in different orders would wait for each other.
OPEN_DAYS = """
    DELETE FROM stats_closedday WHERE day IN (
        SELECT day FROM stats_closedday WHERE day = ANY (%b::date[]) ORDER BY day FOR UPDATE
    )
"""
ADD_MINUTES = """
    INSERT INTO stats_minutecount AS t (application_id, minute, level, n)
    SELECT * FROM unnest(%b::bigint[], %b::timestamptz[], %b::smallint[], %b::bigint[])
    ON CONFLICT (application_id, minute, level) DO UPDATE SET n = t.n + EXCLUDED.n
"""
ADD_HOURS = """
    INSERT INTO stats_hourcount AS t (application_id, hour, level, n, last_id)
    SELECT * FROM unnest(%b::bigint[], %b::timestamptz[], %b::smallint[], %b::bigint[], %b::uuid[])
    ON CONFLICT (application_id, hour, level)
    DO UPDATE SET n = t.n + EXCLUDED.n, last_id = GREATEST(t.last_id, EXCLUDED.last_id)
"""

# After a deletion. A writer that adds to such a row at the same moment makes it anew.
FORGET_EMPTY = """
    DELETE FROM {table} USING unnest(%b::bigint[], %b::timestamptz[]) AS t (application_id, at)
    WHERE {table}.application_id = t.application_id AND {table}.{column} = t.at AND {table}.n = 0
"""


def digest(message: str) -> UUID:
    """Half of the message's SHA-256: what tells messages apart in the rollups."""
    return UUID(bytes=_digest(message))


def _digest(message: str) -> bytes:
    return hashlib.sha256(message.encode()).digest()[:16]


# The same of the column `message`, in SQL.
DIGEST = "encode(substring(sha256(convert_to(message, 'UTF8')) FOR 16), 'hex')::uuid"


class Tally:
    """Counts of some events by minute, hour and message, each with the newest id."""

    def __init__(self, events: Iterable[Counted]) -> None:
        self.minutes: dict[tuple[int, datetime, int], int] = {}
        self.hours: dict[tuple[int, datetime, int], tuple[int, UUID]] = {}
        self.messages: dict[tuple[int, datetime, int, bytes], tuple[int, UUID]] = {}
        texts: dict[tuple[int, datetime, int, str], tuple[int, UUID]] = {}
        last = minute = hour = FAR
        for application_id, id_, received_at, level, message in events:
            if received_at is not last:  # events of one sending share their moment
                last = received_at
                minute, hour = floor(received_at, MINUTE), floor(received_at, HOUR)
            each = (application_id, minute, level)
            self.minutes[each] = self.minutes.get(each, 0) + 1
            text = (application_id, hour, level, message)
            n, newest = texts.get(text, (0, id_))
            texts[text] = n + 1, _newer(newest, id_)
        for (application_id, hour, level, message), (count, newest) in texts.items():
            self.messages[application_id, hour, level, _digest(message)] = count, newest
            n, last_id = self.hours.get((application_id, hour, level), (0, newest))
            self.hours[application_id, hour, level] = n + count, _newer(last_id, newest)

    def past_days(self) -> list[date]:
        """The days before today that something is counted for: they may be closed."""
        today = datetime.now(UTC).date()
        days = {hour.date() for _, hour, _ in self.hours}
        return sorted(day for day in days if day < today)


def _newer(one: UUID, other: UUID) -> UUID:
    return other if other.int > one.int else one  # a third of what max() takes


def add(cursor: psycopg.Cursor[Any], tally: Tally, *, sign: int = 1) -> None:
    """Add the tally to the rollups, or take it off them with `sign=-1`."""
    minutes = sorted(tally.minutes.items())
    hours = sorted(tally.hours.items())
    messages = [
        (*place, UUID(bytes=digest_), sign * n, last_id)
        for (*place, digest_), (n, last_id) in sorted(tally.messages.items())
    ]
    cursor.execute(ADD_MESSAGES, _columns(messages))
    if past := tally.past_days():
        cursor.execute(OPEN_DAYS, [past])
    cursor.execute(ADD_MINUTES, _columns([(*key, sign * n) for key, n in minutes]))
    cursor.execute(ADD_HOURS, _columns([(*key, sign * n, last_id) for key, (n, last_id) in hours]))


def forget_empty(cursor: psycopg.Cursor[Any], tally: Tally) -> None:
    """Delete the rows of the tally's minutes and hours that have come to nothing."""
    hours = _columns(sorted({key[:2] for key in tally.hours}))
    minutes = _columns(sorted({key[:2] for key in tally.minutes}))
    for table, column, moments in (
        ("stats_messagecount", "hour", hours),
        ("stats_minutecount", "minute", minutes),
        ("stats_hourcount", "hour", hours),
    ):
        statement: Any = FORGET_EMPTY.format(table=table, column=column)
        cursor.execute(statement, moments)


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
