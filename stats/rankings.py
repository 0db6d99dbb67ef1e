"""Reads the most frequent messages of a range. Exact, as series are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import sql

from events.models import Event
from events.records import moment_of
from stats.cover import cover_by_hour
from stats.reading import Levels, rows, where, within
from stats.rollups import DIGEST

# Raw rows are grouped before they are hashed: a message is hashed once, not once per event.
ROWS = """
    SELECT {digest} AS digest, count(*) AS n, max(id::text COLLATE "C") AS last_id
    FROM events_event WHERE {where} GROUP BY message
"""
HOURS = """
    SELECT digest, sum(n) AS n, max(last_id::text COLLATE "C") AS last_id
    FROM stats_messagecount WHERE {where} GROUP BY digest
"""
TOP = """
    SELECT sum(n)::bigint AS n, max(last_id)::uuid AS last_id
    FROM ({counted}) AS counted
    GROUP BY digest ORDER BY n DESC, last_id DESC LIMIT {limit}
"""


@dataclass(frozen=True, slots=True)
class RankedMessage:
    message: str
    count: int
    last_seen: datetime
    last_id: UUID  # the newest event with this message


def top_messages(
    application_id: int,
    since: datetime,
    until: datetime,
    *,
    limit: int = 10,
    levels: Levels = None,
) -> list[RankedMessage]:
    """The most frequent messages received in [since, until), of all levels unless some are given.

    Of equally frequent ones the one seen last comes first.
    """
    pieces = cover_by_hour(since, until)
    whose = where(application_id, levels)
    branches = [
        sql.SQL(ROWS).format(digest=sql.SQL(DIGEST), where=whose + within("received_at", piece))
        for piece in pieces.rows
    ] + [sql.SQL(HOURS).format(where=whose + within("hour", piece)) for piece in pieces.hours]
    counted = sql.SQL(" UNION ALL ").join(branches)
    ranked = rows(TOP, counted=counted, limit=sql.Literal(limit))
    texts = _messages(application_id, [last_id for _, last_id in ranked])
    return [
        RankedMessage(texts[last_id], n, moment_of(last_id), last_id)
        for n, last_id in ranked
        if last_id in texts  # else deleted between the two queries
    ]


def _messages(application_id: int, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The messages of these events, found by primary key."""
    events = Event.objects.of(application_id).filter(
        received_at__in=[moment_of(id_) for id_ in ids], id__in=ids
    )
    return dict(events.values_list("id", "message"))
