"""Reads counts: over time, by level. Exact: rollups for what is whole, raw rows for the ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from psycopg import sql

from stats.asking import Asking, asked
from stats.buckets import Interval, bucket_starts
from stats.closing import closed_days
from stats.cover import (
    HOUR,
    QUARTER,
    Cover,
    cover,
    cover_by_minute,
    cover_by_rows,
    cover_messages,
)
from stats.reading import (
    Applications,
    Levels,
    Source,
    in_parts,
    moments,
    rows,
    statement,
    tail,
    union,
    where,
)
from stats.rollups import digest

# The branches of one statement, so that all are read from one snapshot; in the order in which
# writers lock the tables. One for each piece, so that each names the days that it needs.
ROWS = "SELECT received_at AS at, level, 1 AS n FROM events_event WHERE {where}"
MINUTES = "SELECT minute AS at, level, n FROM stats_minutecount WHERE {where}"
HOURS = "SELECT hour AS at, level, n FROM {hours} WHERE {where}"
DAYS = "SELECT day AS at, level, n FROM {days} WHERE {where}"
CUT_DAYS = """
    SELECT part.at, level, {counts}[by_end] - coalesce({counts}[before], 0) AS n
    FROM {days} JOIN ({parts}) AS part USING (day)
    WHERE {where} AND {counts}[by_end] > coalesce({counts}[before], 0)
"""
BY_BUCKET = """
    SELECT width_bucket(at, {starts}::timestamptz[]) - 1 AS bucket, level, sum(n)::bigint
    FROM ({counted}) AS counted GROUP BY 1, 2 ORDER BY 1, 2
"""
BY_LEVEL = """
    SELECT level, sum(n)::bigint FROM ({counted}) AS counted GROUP BY 1 ORDER BY 1 DESC
"""
# Each moment once before it is taken apart: a minute has a row for each level.
ACTIVE_ROWS = "SELECT received_at AS at FROM events_event WHERE {where}"
ACTIVE_MINUTES = "SELECT minute AS at FROM stats_minutecount WHERE {where} GROUP BY minute"
ACTIVE_HOURS = "SELECT hour AS at FROM stats_hourcount WHERE {where} GROUP BY hour"
ACTIVE_DAYS = """
    SELECT day + hour * interval '1 hour' AS at
    FROM stats_daycount CROSS JOIN generate_series(0, 23) AS hour
    WHERE {where} AND hours[hour + 1] > coalesce(hours[hour], 0) GROUP BY 1
"""
ACTIVE = """
    SELECT bucket, count(*)
    FROM (
        SELECT DISTINCT width_bucket(at, {starts}::timestamptz[]) - 1 AS bucket,
            date_bin({unit}::interval, at, 'epoch')
        FROM ({active}) AS active
    ) AS units
    GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Point:
    bucket_start: datetime
    count: int


@dataclass(frozen=True, slots=True)
class LevelCount:
    level: int
    count: int


@dataclass(frozen=True, slots=True)
class LevelSeries:
    """Counts by bucket, for each level that occurs, the most severe first."""

    starts: list[datetime]
    counts: dict[int, list[int]]


def timeseries(
    application_ids: Applications,
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
    series = series_by_level(application_ids, since, until, interval, zone=zone, levels=levels)
    counts = [sum(column) for column in zip(*series.counts.values(), strict=True)]
    points = map(Point, series.starts, counts or [0] * len(series.starts))
    return [point for point in points if fill or point.count]


@asked
def series_by_level(
    application_ids: Applications,
    since: datetime,
    until: datetime,
    interval: Interval,
    *,
    zone: tzinfo = UTC,
    levels: Levels = None,
    message: str | None = None,
) -> Asking[LevelSeries]:
    """Events received in [since, until) by bucket and level; with `message` those of this text.

    Raises buckets.TooManyBuckets.
    """
    starts = bucket_starts(since, until, interval, zone)
    by_minute = interval == Interval.MINUTE
    part = QUARTER if message is None else HOUR
    pieces = _pieces(since, until, starts, by_minute, message, part)
    counted = _counted(application_ids, pieces, starts, levels, message)
    [found] = yield [statement(BY_BUCKET, starts=moments(starts), counted=counted)]
    occurring = sorted({level for _, level, _ in found}, reverse=True)
    counts = {level: [0] * len(starts) for level in occurring}
    for bucket, level, n in found:
        counts[level][bucket] = n
    return LevelSeries(starts, counts)


def by_level(
    application_ids: Applications,
    since: datetime,
    until: datetime,
    *,
    levels: Levels = None,
    message: str | None = None,
) -> list[LevelCount]:
    """Events received in [since, until) by level, the most severe first."""
    pieces = _pieces(since, until, [], False, message)
    counted = _counted(application_ids, pieces, [], levels, message)
    return [LevelCount(*row) for row in rows(BY_LEVEL, counted=counted)]


def active_series(
    application_id: int,
    since: datetime,
    until: datetime,
    interval: Interval,
    *,
    zone: tzinfo = UTC,
    levels: Levels = None,
) -> list[int]:
    """For each bucket the number of minutes in which events were received, or of hours where a
    bucket is longer than an hour.

    Raises buckets.TooManyBuckets.
    """
    starts = bucket_starts(since, until, interval, zone)
    by_minute = interval in {Interval.MINUTE, Interval.HOUR}
    pieces = _pieces(since, until, starts, by_minute, None)
    whose = where(application_id, levels)
    active = union(
        Source(ACTIVE_ROWS, "received_at", whose).over(pieces.rows),
        Source(ACTIVE_MINUTES, "minute", whose).over(pieces.minutes),
        Source(ACTIVE_HOURS, "hour", whose).over(pieces.hours),
        Source(ACTIVE_DAYS, "day", whose).over(pieces.days + pieces.cut_days),
    )
    unit = sql.Literal("1 minute" if by_minute else "1 hour")
    counts: dict[int, int] = dict(rows(ACTIVE, starts=moments(starts), unit=unit, active=active))
    return [counts.get(bucket, 0) for bucket in range(len(starts))]


def _pieces(
    since: datetime,
    until: datetime,
    starts: Sequence[datetime],
    by_minute: bool,
    message: str | None,
    part: timedelta = HOUR,
) -> Cover:
    if by_minute:
        covered = cover_by_minute if message is None else cover_by_rows
        return covered(since, until)
    closed = closed_days(since, until)
    if message is not None:
        return cover_messages(since, until, starts, closed)
    return cover(since, until, starts, closed, part)


def _counted(
    application_ids: Applications,
    pieces: Cover,
    starts: Sequence[datetime],
    levels: Levels,
    message: str | None,
) -> sql.Composed:
    whose = where(application_ids, levels)
    said, hashed, unit = whose, whose, QUARTER
    tables = {
        "hours": sql.Identifier("stats_hourcount"),
        "days": sql.Identifier("stats_daycount"),
        "counts": sql.Identifier("quarters"),
    }
    if message is not None:
        said = whose + sql.SQL(" AND message = {}").format(sql.Literal(message))
        hashed = whose + sql.SQL(" AND digest = {}").format(sql.Literal(digest(message)))
        tables["hours"] = sql.Identifier("stats_messagecount")
        tables["days"] = sql.Identifier("stats_messagedaycount")
        tables["counts"], unit = sql.Identifier("hours"), HOUR
    by_row = Source(ROWS, "received_at", said)
    by_hour = Source(HOURS, "hour", hashed, tables)
    return union(
        by_row.over(pieces.rows),
        Source(MINUTES, "minute", whose).over(pieces.minutes),
        by_hour.over(pieces.hours),
        tail(pieces.tail, application_ids, by_row, by_hour),
        Source(DAYS, "day", hashed, tables).over(pieces.days),
        in_parts(pieces.cut_days, starts, Source(CUT_DAYS, "day", hashed, tables), unit=unit),
    )
