"""Reads messages: how many different ones, how often each over time, what one says. Exact."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from uuid import UUID

from psycopg import sql

from events.models import Event
from stats import places
from stats.buckets import Interval, bucket_starts
from stats.closing import closed_days
from stats.cover import Cover, cover_by_rows, cover_messages
from stats.places import Sought
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
DAYS = """
    SELECT width_bucket(day, {starts}::timestamptz[]) - 1 AS bucket, digest, n
    FROM stats_messagedaycount WHERE {where}
"""
CUT_DAYS = """
    SELECT width_bucket(day + (number - 1) * interval '1 hour', {starts}::timestamptz[]) - 1,
        digest, hour.n
    FROM stats_messagedaycount CROSS JOIN unnest(hours) WITH ORDINALITY AS hour (n, number)
    WHERE {where} AND hour.n IS NOT NULL
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


def distinct_messages(
    application_id: int, since: datetime, until: datetime, *, levels: Levels = None
) -> int:
    """How many different messages were received in [since, until)."""
    counted = _counted(application_id, _pieces(since, until, None, [since]), [since], levels)
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
    last_id = places.newest(Sought(application_id, digest=digest))
    if last_id is None:
        return None
    newest = Event.objects.of(application_id).identified(last_id)
    return newest.values_list("message", flat=True).first()


def _pieces(
    since: datetime, until: datetime, interval: Interval | None, starts: Sequence[datetime]
) -> Cover:
    if interval == Interval.MINUTE:
        return cover_by_rows(since, until)
    return cover_messages(since, until, starts, closed_days(since, until))


def _counted(
    application_id: int, pieces: Cover, starts: Sequence[datetime], levels: Levels
) -> sql.Composed:
    whose, parts = where(application_id, levels), {"starts": sql.Literal(list(starts))}
    return union(
        branches(ROWS, "received_at", pieces.rows, whose, digest=sql.SQL(DIGEST), **parts),
        branches(HOURS, "hour", pieces.hours, whose, **parts),
        branches(DAYS, "day", pieces.days, whose, **parts),
        branches(CUT_DAYS, "day", pieces.cut_days, whose, **parts),
    )
