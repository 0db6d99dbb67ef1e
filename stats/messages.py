"""Reads messages: how many different ones, how often each over time, what one says. Exact."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from uuid import UUID

from psycopg import sql

from events.models import Event
from stats.buckets import Interval, bucket_starts
from stats.cover import Cover, cover_by_hour, cover_by_rows
from stats.reading import Levels, branches, rows, union, where
from stats.rollups import DIGEST

# Raw rows are grouped before they are hashed: a message is hashed once, not once per event.
ROWS = """
    SELECT width_bucket(received_at, {starts}::timestamptz[]) - 1 AS bucket, {digest} AS digest,
        count(*) AS n
    FROM events_event WHERE {where} GROUP BY 1, message
"""
HOURS = """
    SELECT width_bucket(hour, {starts}::timestamptz[]) - 1 AS bucket, digest, n
    FROM stats_messagecount WHERE {where}
"""
DISTINCT = """
    SELECT bucket, count(*)
    FROM (SELECT bucket, digest FROM ({counted}) AS counted GROUP BY 1, 2) AS messages
    GROUP BY 1
"""
SPARKLINES = """
    SELECT digest, bucket, sum(n)::bigint
    FROM ({counted}) AS counted WHERE digest = ANY ({digests}::uuid[]) GROUP BY 1, 2
"""
NEWEST = """
    SELECT last_id FROM stats_messagecount
    WHERE application_id = {application_id} AND digest = {digest}
    ORDER BY hour DESC, last_id DESC LIMIT 1
"""


def distinct_messages(
    application_id: int, since: datetime, until: datetime, *, levels: Levels = None
) -> int:
    """How many different messages were received in [since, until)."""
    counted = _counted(application_id, cover_by_hour(since, until), [since], levels)
    return sum(n for _, n in rows(DISTINCT, counted=counted))


def distinct_messages_series(
    application_id: int,
    since: datetime,
    until: datetime,
    interval: Interval,
    *,
    zone: tzinfo = UTC,
    levels: Levels = None,
) -> list[int]:
    """How many different messages were received, by bucket. Raises buckets.TooManyBuckets."""
    starts = bucket_starts(since, until, interval, zone)
    pieces = _pieces(since, until, interval, starts)
    counts = dict(rows(DISTINCT, counted=_counted(application_id, pieces, starts, levels)))
    return [counts.get(bucket, 0) for bucket in range(len(starts))]


def message_sparklines(
    application_id: int,
    digests: Sequence[UUID],
    since: datetime,
    until: datetime,
    interval: Interval,
    *,
    zone: tzinfo = UTC,
    levels: Levels = None,
) -> dict[UUID, list[int]]:
    """How often each of these messages was received, by bucket, in one query.

    Raises buckets.TooManyBuckets.
    """
    starts = bucket_starts(since, until, interval, zone)
    pieces = _pieces(since, until, interval, starts)
    counted = _counted(application_id, pieces, starts, levels)
    counts = {digest: [0] * len(starts) for digest in digests}
    wanted = sql.Literal(list(digests))
    for digest, bucket, n in rows(SPARKLINES, counted=counted, digests=wanted):
        counts[digest][bucket] = n
    return counts


def message_text(application_id: int, digest: UUID) -> str | None:
    """What the message of this digest says; None where no event has it any more."""
    parts = {"application_id": sql.Literal(application_id), "digest": sql.Literal(digest)}
    for (last_id,) in rows(NEWEST, **parts):
        newest = Event.objects.of(application_id).identified(last_id)
        return newest.values_list("message", flat=True).first()
    return None


def _pieces(
    since: datetime, until: datetime, interval: Interval, starts: Sequence[datetime]
) -> Cover:
    if interval == Interval.MINUTE:
        return cover_by_rows(since, until)
    return cover_by_hour(since, until, starts)


def _counted(
    application_id: int, pieces: Cover, starts: Sequence[datetime], levels: Levels
) -> sql.Composed:
    whose, parts = where(application_id, levels), {"starts": sql.Literal(list(starts))}
    return union(
        branches(ROWS, "received_at", pieces.rows, whose, digest=sql.SQL(DIGEST), **parts),
        branches(HOURS, "hour", pieces.hours, whose, **parts),
    )
