"""Reads counts: over time, by level. Exact: rollups for what is whole, raw rows for the ends."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from psycopg import sql

from stats.buckets import Interval, bucket_starts
from stats.cover import Cover, Range, cover, cover_by_minute
from stats.reading import Levels, rows, where, within

# The branches of one statement, so that all are read from one snapshot; in the order in which
# writers lock the tables. One for each piece, so that each names the days that it needs.
ROWS = "SELECT received_at AS at, level, 1 AS n FROM events_event WHERE {where}"
MINUTES = "SELECT minute AS at, level, n FROM stats_minutecount WHERE {where}"
HOURS = "SELECT hour AS at, level, n FROM stats_hourcount WHERE {where}"
BY_BUCKET = """
    SELECT width_bucket(at, {starts}::timestamptz[]) - 1 AS bucket, sum(n)::bigint
    FROM ({counted}) AS counted GROUP BY 1 ORDER BY 1
"""
BY_LEVEL = """
    SELECT level, sum(n)::bigint FROM ({counted}) AS counted GROUP BY 1 ORDER BY 1 DESC
"""


@dataclass(frozen=True, slots=True)
class Point:
    bucket_start: datetime
    count: int


@dataclass(frozen=True, slots=True)
class LevelCount:
    level: int
    count: int


def timeseries(
    application_id: int,
    since: datetime,
    until: datetime,
    interval: Interval,
    *,
    zone: tzinfo = UTC,
    levels: Levels = None,
    fill: bool = False,
) -> list[Point]:
    """Events received in [since, until) by bucket; `fill` adds the empty ones.

    Raises buckets.TooManyBuckets.
    """
    starts = bucket_starts(since, until, interval, zone)
    by_minute = interval == Interval.MINUTE
    pieces = cover_by_minute(since, until) if by_minute else cover(since, until, starts)
    counted = _counted(application_id, pieces, levels)
    counts = dict(rows(BY_BUCKET, starts=sql.Literal(starts), counted=counted))
    return [
        Point(start, counts.get(bucket, 0))
        for bucket, start in enumerate(starts)
        if fill or bucket in counts
    ]


def by_level(
    application_id: int, since: datetime, until: datetime, *, levels: Levels = None
) -> list[LevelCount]:
    """Events received in [since, until) by level, the most severe first."""
    counted = _counted(application_id, cover(since, until), levels)
    return [LevelCount(*row) for row in rows(BY_LEVEL, counted=counted)]


def _counted(application_id: int, pieces: Cover, levels: Levels) -> sql.Composable:
    whose = where(application_id, levels)
    branches = [_branch(ROWS, "received_at", piece, whose) for piece in pieces.rows]
    branches += [_branch(MINUTES, "minute", piece, whose) for piece in pieces.minutes]
    branches += [_branch(HOURS, "hour", piece, whose) for piece in pieces.hours]
    return sql.SQL(" UNION ALL ").join(branches)


def _branch(select: str, column: str, piece: Range, whose: sql.Composed) -> sql.Composed:
    return sql.SQL(select).format(where=whose + within(column, piece))
