"""Reads the most frequent messages of a range. Exact, as series are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import sql

from events.models import Event
from events.records import moment_of
from stats.closing import closed_days
from stats.cover import cover_messages
from stats.reading import Applications, Levels, Source, rows, tail, union, where, within
from stats.rollups import DIGEST

# Raw rows are grouped before they are hashed: a message is hashed once, not once per event.
ROWS = """
    SELECT application_id, {digest} AS digest, count(*) AS n, max(id::text COLLATE "C") AS last_id,
        NULL::timestamptz AS day
    FROM events_event WHERE {where} GROUP BY application_id, message
"""
HOURS = """
    SELECT application_id, digest, sum(n) AS n, max(last_id::text COLLATE "C") AS last_id,
        NULL::timestamptz AS day
    FROM stats_messagecount WHERE {where} GROUP BY application_id, digest
"""
# The newest event of so many days costs more to find than all else: of the first ones only.
DAYS = """
    SELECT application_id, digest, sum(n) AS n, NULL::text COLLATE "C" AS last_id, max(day) AS day
    FROM stats_messagedaycount WHERE {where} GROUP BY application_id, digest
"""
TOP = """
    SELECT top.application_id, top.digest, top.n,
        GREATEST(top.last_id, max(newest.last_id::text COLLATE "C"))::uuid AS last_id
    FROM (
        SELECT application_id, digest, sum(n)::bigint AS n, max(last_id) AS last_id,
            max(day) AS day
        FROM ({counted}) AS counted
        GROUP BY application_id, digest ORDER BY n DESC FETCH FIRST {limit} ROWS WITH TIES
    ) AS top
    LEFT JOIN (SELECT * FROM stats_messagedaycount WHERE {days}) AS newest
        ON newest.application_id = top.application_id AND newest.digest = top.digest
        AND newest.day = top.day
    GROUP BY top.application_id, top.digest, top.n, top.last_id
    ORDER BY top.n DESC, last_id DESC LIMIT {limit}
"""


@dataclass(frozen=True, slots=True)
class RankedMessage:
    message: str
    count: int
    last_seen: datetime
    last_id: UUID  # the newest event with this message
    digest: UUID
    application_id: int


def top_messages(
    application_ids: Applications,
    since: datetime,
    until: datetime,
    *,
    limit: int = 10,
    levels: Levels = None,
) -> list[RankedMessage]:
    """The most frequent messages received in [since, until), of all levels unless some are given.

    Of equally frequent ones the one seen last comes first. A message of two applications is two.
    """
    pieces = cover_messages(since, until, closed=closed_days(since, until))
    whose = where(application_ids, levels)
    by_row = Source(ROWS, "received_at", whose, {"digest": sql.SQL(DIGEST)})
    by_hour = Source(HOURS, "hour", whose)
    counted = union(
        by_row.over(pieces.rows),
        by_hour.over(pieces.hours),
        tail(pieces.tail, application_ids, by_row, by_hour),
        Source(DAYS, "day", whose).over(pieces.days),
    )
    days = whose + within("day", (since, until))
    ranked = rows(TOP, counted=counted, days=days, limit=sql.Literal(limit))
    texts = _messages({id_ for id_, *_ in ranked}, [last_id for *_, last_id in ranked])
    return [
        RankedMessage(texts[last_id], n, moment_of(last_id), last_id, digest, application_id)
        for application_id, digest, n, last_id in ranked
        if last_id in texts  # else deleted between the two queries
    ]


def _messages(application_ids: set[int], ids: Sequence[UUID]) -> dict[UUID, str]:
    """The messages of these events, found by primary key."""
    events = Event.objects.filter(
        application_id__in=application_ids,
        received_at__in=[moment_of(id_) for id_ in ids],
        id__in=ids,
    )
    return dict(events.values_list("id", "message"))
