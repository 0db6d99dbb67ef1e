"""Counts events into the rollups, inside the transaction that writes or deletes them."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import psycopg

from loghandler import arrays
from loghandler.statements import Columns, Statement, Work
from stats.cover import FAR, HOUR, MINUTE, floor

# What the rollups need to know of an event: application_id, id, received_at, level, message.
Counted = tuple[int, UUID, datetime, int, str]

# Each adds, and each is fed in the order of its key: unsorted, two writers deadlock. The hottest
# rows come last, so that they are locked for the shortest time.
ADD_MESSAGES = Statement("""
    INSERT INTO stats_messagecount AS t (application_id, hour, level, digest, n, last_id)
    SELECT * FROM unnest(
        $1::bigint[], $2::timestamptz[], $3::smallint[], $4::uuid[], $5::bigint[], $6::uuid[])
    ON CONFLICT (application_id, hour, level, digest)
    DO UPDATE SET n = t.n + EXCLUDED.n, last_id = GREATEST(t.last_id, EXCLUDED.last_id)
""")
# What is added to a closed day makes its sums old. In the order of days: two writers that open
# the same ones in different orders would wait for each other.
OPEN_DAYS = Statement("""
    DELETE FROM stats_closedday WHERE day IN (
        SELECT day FROM stats_closedday WHERE day = ANY ($1::date[]) ORDER BY day FOR UPDATE
    )
""")
ADD_MINUTES = Statement("""
    INSERT INTO stats_minutecount AS t (application_id, minute, level, n)
    SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::smallint[], $4::bigint[])
    ON CONFLICT (application_id, minute, level) DO UPDATE SET n = t.n + EXCLUDED.n
""")
ADD_HOURS = Statement("""
    INSERT INTO stats_hourcount AS t (application_id, hour, level, n, last_id)
    SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::smallint[], $4::bigint[], $5::uuid[])
    ON CONFLICT (application_id, hour, level)
    DO UPDATE SET n = t.n + EXCLUDED.n, last_id = GREATEST(t.last_id, EXCLUDED.last_id)
""")

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
        # By application, hour and level: by message.
        self.messages: dict[tuple[int, datetime, int], dict[str, tuple[int, UUID]]] = {}
        last = minute = hour = FAR
        for application_id, id_, received_at, level, message in events:
            if received_at is not last:  # events of one sending share their moment
                last = received_at
                minute, hour = floor(received_at, MINUTE), floor(received_at, HOUR)
            each = (application_id, minute, level)
            self.minutes[each] = self.minutes.get(each, 0) + 1
            place = (application_id, hour, level)
            messages = self.messages.get(place)
            if messages is None:
                messages = self.messages[place] = {}
            n, newest = messages.get(message, (0, id_))
            messages[message] = n + 1, _newer(newest, id_)

    def past_days(self) -> list[date]:
        """The days before today that something is counted for: they may be closed."""
        today = datetime.now(UTC).date()
        days = {hour.date() for _, hour, _ in self.messages}
        return sorted(day for day in days if day < today)


def _newer(one: UUID, other: UUID) -> UUID:
    return other if other.int > one.int else one  # a third of what max() takes


def additions(tally: Tally, *, sign: int = 1) -> list[Work]:
    """What adds the tally to the rollups, or takes it off them with `sign=-1`."""
    minutes = [(*key, sign * n) for key, n in sorted(tally.minutes.items())]
    hours, messages = [], []
    for place, texts in sorted(tally.messages.items()):
        counts = sorted((_digest(text), sign * n, id_) for text, (n, id_) in texts.items())
        messages += [(*place, digest_, n, id_.bytes) for digest_, n, id_ in counts]
        newest = max(id_.bytes for _, _, id_ in counts)
        hours.append((*place, sum(n for _, n, _ in counts), newest))
    work = [
        (ADD_MESSAGES, _columns(_MESSAGE, messages)),
        (ADD_MINUTES, _columns(_MINUTE, minutes)),
        (ADD_HOURS, _columns(_HOUR, hours)),
    ]
    if past := tally.past_days():
        work.insert(1, (OPEN_DAYS, [arrays.dates(past)]))
    return work


def forget_empty(cursor: psycopg.Cursor[Any], tally: Tally) -> None:
    """Delete the rows of the tally's minutes and hours that have come to nothing."""
    hours = _lists({place[:2] for place in tally.messages})
    minutes = _lists({key[:2] for key in tally.minutes})
    for table, column, moments in (
        ("stats_messagecount", "hour", hours),
        ("stats_minutecount", "minute", minutes),
        ("stats_hourcount", "hour", hours),
    ):
        statement: Any = FORGET_EMPTY.format(table=table, column=column)
        cursor.execute(statement, moments)


def _lists(places: Iterable[tuple[int, datetime]]) -> list[list[Any]]:
    return [list(column) for column in zip(*sorted(places), strict=True)]


_MINUTE = (arrays.bigints, arrays.timestamps, arrays.smallints, arrays.bigints)
_HOUR = (*_MINUTE, arrays.uuids)
_MESSAGE = (*_MINUTE[:3], arrays.uuids, arrays.bigints, arrays.uuids)


def _columns(encoders: Iterable[Any], rows: Sequence[tuple[Any, ...]]) -> Columns:
    columns = zip(*rows, strict=True)
    return [encoded(column) for encoded, column in zip(encoders, columns, strict=True)]
