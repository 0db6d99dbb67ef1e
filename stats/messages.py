"""Reads messages: how many different ones, how often each over time, what one says. Exact."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from uuid import UUID

from psycopg import sql

from events.models import Event
from stats import places
from stats.buckets import Interval, bucket_starts
from stats.closing import closed_days
from stats.cover import HOUR, Cover, cover_by_rows, cover_messages, floor
from stats.places import Sought
from stats.reading import Levels, Source, in_parts, moments, rows, tail, union, where
from stats.rollups import DIGEST

# Raw rows are grouped before they are hashed: a message is hashed once, not once per event. OFFSET
# keeps a condition on the digest from being looked at first, of every row.
ROWS = """
    SELECT bucket, {digest} AS digest, n
    FROM (
        SELECT width_bucket(received_at, {starts}::timestamptz[]) - 1 AS bucket, message,
            count(*) AS n
        FROM events_event WHERE {where} GROUP BY 1, 2 OFFSET 0
    ) AS said
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
    SELECT part.bucket, digest, hours[by_end] - coalesce(hours[before], 0) AS n
    FROM stats_messagedaycount JOIN ({parts}) AS part USING (day)
    WHERE {where} AND hours[by_end] > coalesce(hours[before], 0)
"""
DISTINCT = """
    SELECT bucket, count(*)
    FROM (SELECT bucket, digest FROM ({counted}) AS counted GROUP BY 1, 2) AS messages
    GROUP BY 1
"""
# Each branch by itself first: most days have the messages of the others.
MESSAGES_OF_ROWS = """
    SELECT {digest} AS digest FROM events_event WHERE {where} GROUP BY message
"""
MESSAGES_OF_HOURS = "SELECT digest FROM stats_messagecount WHERE {where} GROUP BY digest"
MESSAGES_OF_DAYS = "SELECT digest FROM stats_messagedaycount WHERE {where} GROUP BY digest"
DISTINCT_OF_ALL = """
    SELECT count(*) FROM (SELECT digest FROM ({counted}) AS counted GROUP BY 1) AS messages
"""
SPARKLINES = """
    SELECT digest, array_agg(bucket), array_agg(n)
    FROM (
        SELECT digest, bucket, sum(n)::bigint AS n
        FROM ({counted}) AS counted WHERE digest = ANY ({digests}::uuid[]) GROUP BY 1, 2
    ) AS points
    GROUP BY digest
"""


def distinct_messages(
    application_id: int, since: datetime, until: datetime, *, levels: Levels = None
) -> int:
    """How many different messages were received in [since, until)."""
    pieces = cover_messages(since, until, closed=closed_days(since, until))
    whose = where(application_id, levels)
    by_row = Source(MESSAGES_OF_ROWS, "received_at", whose, {"digest": sql.SQL(DIGEST)})
    by_hour = Source(MESSAGES_OF_HOURS, "hour", whose)
    counted = union(
        by_row.over(pieces.rows),
        by_hour.over(pieces.hours),
        tail(pieces.tail, application_id, by_row, by_hour),
        Source(MESSAGES_OF_DAYS, "day", whose).over(pieces.days),
    )
    ((count,),) = rows(DISTINCT_OF_ALL, counted=counted)
    return int(count)


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
    counts: dict[int, int] = dict(
        rows(DISTINCT, counted=_counted(application_id, pieces, starts, levels))
    )
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
    """How often each of these messages was received, by bucket. Raises buckets.TooManyBuckets.

    An hour in which a bucket starts, as days do in India, counts into that bucket as a whole: the
    rows of an hour of every day would cost a hundred times as much.
    """
    starts = bucket_starts(since, until, interval, zone)
    if interval != Interval.MINUTE:
        starts = [floor(start, HOUR) for start in starts]
    pieces = _pieces(since, until, interval, starts)
    counted = _counted(application_id, pieces, starts, levels)
    counts = {digest: [0] * len(starts) for digest in digests}
    wanted = sql.Literal(list(digests))
    for digest, buckets, ns in rows(SPARKLINES, counted=counted, digests=wanted):
        for bucket, n in zip(buckets, ns, strict=True):
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
    since: datetime, until: datetime, interval: Interval, starts: Sequence[datetime]
) -> Cover:
    if interval == Interval.MINUTE:
        return cover_by_rows(since, until)
    return cover_messages(since, until, starts, closed_days(since, until))


def _counted(
    application_id: int, pieces: Cover, starts: Sequence[datetime], levels: Levels
) -> sql.Composed:
    whose, parts = where(application_id, levels), {"starts": moments(starts)}
    by_row = Source(ROWS, "received_at", whose, {"digest": sql.SQL(DIGEST), **parts})
    by_hour = Source(HOURS, "hour", whose, parts)
    return union(
        by_row.over(pieces.rows),
        by_hour.over(pieces.hours),
        tail(pieces.tail, application_id, by_row, by_hour),
        Source(DAYS, "day", whose, parts).over(pieces.days),
        in_parts(pieces.cut_days, starts, Source(CUT_DAYS, "day", whose)),
    )
