"""Reads from the rollups where events are: the days, hours and minutes that hold some."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from psycopg import sql

from events.records import EPOCH
from stats.closing import closed_days
from stats.cover import DAY, FAR, HOUR, MINUTE, Cover, Range, ceil, cover_messages, floor
from stats.reading import Levels, Source, rows, union, where
from stats.spans import Unit, hull

HOURS = "SELECT {at} AS at, level, n, last_id FROM {hours} WHERE {where}"
DAYS = "SELECT day AS at, level, n, last_id FROM {days} WHERE {where}"
# The hours of days, of which only the counts are known.
CUT_DAYS = """
    SELECT day + hour * interval '1 hour' AS at, level,
        hours[hour + 1] - coalesce(hours[hour], 0) AS n, NULL::uuid AS last_id
    FROM {days} CROSS JOIN generate_series(0, 23) AS hour
    WHERE {where} AND hours[hour + 1] > coalesce(hours[hour], 0)
"""
MINUTES = (
    "SELECT minute AS at, level, n, NULL::uuid AS last_id FROM stats_minutecount WHERE {where}"
)
UNITS = """
    SELECT at, sum(n) FILTER (WHERE {chosen})::bigint AS chosen,
        max(last_id::text COLLATE "C") FILTER (WHERE {chosen})::uuid, sum(n)::bigint
    FROM ({counted}) AS counted WHERE at >= {low} AND at < {high}
    GROUP BY at HAVING sum(n) FILTER (WHERE {chosen}) > 0 ORDER BY at DESC LIMIT {limit}
"""
LAST_OF_HOURS = "SELECT hour, last_id FROM {hours} WHERE {where} AND n > 0"
TOTALS = "SELECT hour, sum(n)::bigint FROM stats_hourcount WHERE {where} GROUP BY hour"
NEWEST = "SELECT last_id FROM ({counted}) AS counted ORDER BY at DESC, last_id DESC LIMIT 1"
OLDEST_HOUR = "SELECT at FROM ({counted}) AS counted ORDER BY at LIMIT 1"
FEW = 3 * DAY  # are read by their hours, which tell the newest event too


@dataclass(frozen=True, slots=True)
class Sought:
    """What the rollups can be asked for: events of an application, of levels, of a message."""

    application_id: int
    levels: Levels = None
    digest: UUID | None = None  # of the message

    @property
    def anything(self) -> bool:
        return self.levels is None and self.digest is None

    @property
    def whose(self) -> sql.Composed:
        """Of all levels, so that what lies between those that are sought is counted too."""
        whose = where(self.application_id, None)
        if self.digest is not None:
            whose += sql.SQL(" AND digest = {}").format(sql.Literal(self.digest))
        return whose

    @property
    def chosen(self) -> sql.Composable:
        if self.levels is None:
            return sql.SQL("true")
        return sql.SQL("level = ANY ({}::smallint[])").format(sql.Literal(list(self.levels)))

    @property
    def tables(self) -> dict[str, sql.Composable]:
        if self.digest is None:
            names = {"hours": "stats_hourcount", "days": "stats_daycount"}
        else:
            names = {"hours": "stats_messagecount", "days": "stats_messagedaycount"}
        return {name: sql.Identifier(table) for name, table in names.items()}


def days(sought: Sought, searched: Range, limit: int | None) -> list[Unit]:
    """The newest days with something, each with all that it holds."""
    low, high = floor(searched[0], DAY), ceil(searched[1], DAY)
    pieces = cover_messages(low, high, closed=closed_days(low, high))
    counted = _counted(sought, pieces, "date_trunc('day', hour, 'UTC')")
    return _units(sought, counted, (low, searched[1]), limit)


def hours(sought: Sought, spans: Sequence[Range], limit: int | None) -> list[Unit]:
    """The newest hours with something, of the days that these spans touch."""
    touched = _touched(spans, DAY)
    few = sum((high - low for low, high in touched), timedelta()) <= FEW
    closed = set() if few else closed_days(touched[0][0], touched[-1][1])
    covers = [cover_messages(low, high, closed=closed) for low, high in touched]
    pieces = Cover(
        (),
        (),
        hours=tuple(piece for each in covers for piece in each.hours),
        cut_days=tuple(piece for each in covers for piece in each.days),
    )
    low, high = hull(spans)
    counted = _counted(sought, pieces, "hour")
    return _described(sought, _units(sought, counted, (floor(low, HOUR), high), limit))


def minutes(sought: Sought, spans: Sequence[Range]) -> list[Unit]:
    """The minutes with something that these spans touch; a message is not told from others."""
    of_levels = Sought(sought.application_id, sought.levels)
    low, high = hull(spans)
    counted = union(Source(MINUTES, "minute", of_levels.whose).over(_touched(spans, MINUTE)))
    return _units(of_levels, counted, (floor(low, MINUTE), high), None)


def newest(sought: Sought, before: datetime = FAR) -> UUID | None:
    """The newest event of the hours before one."""
    pieces = cover_messages(EPOCH, before, closed=closed_days(EPOCH, before))
    return next((id_ for (id_,) in rows(NEWEST, counted=_counted(sought, pieces, "hour"))), None)


def oldest_hour(sought: Sought, since: datetime) -> datetime | None:
    """The first hour from one on that holds something."""
    pieces = cover_messages(since, FAR, closed=closed_days(since, FAR))
    pieces = replace(pieces, days=(), cut_days=pieces.days)
    return next((at for (at,) in rows(OLDEST_HOUR, counted=_counted(sought, pieces, "hour"))), None)


def _counted(sought: Sought, pieces: Cover, at: str) -> sql.Composed:
    whose, tables = sought.whose, sought.tables
    return union(
        Source(HOURS, "hour", whose, {"at": sql.SQL(at), **tables}).over(pieces.hours),
        Source(DAYS, "day", whose, tables).over(pieces.days),
        Source(CUT_DAYS, "day", whose, tables).over(pieces.cut_days),
    )


def _units(
    sought: Sought, counted: sql.Composable, searched: Range, limit: int | None
) -> list[Unit]:
    found = rows(
        UNITS,
        counted=counted,
        chosen=sought.chosen,
        low=sql.Literal(searched[0]),
        high=sql.Literal(searched[1]),
        limit=sql.Literal(limit),
    )
    return [Unit(*row) for row in found]


def _touched(spans: Sequence[Range], length: timedelta) -> list[Range]:
    """The spans widened to whole units, oldest first; those that then meet are made one."""
    touched: list[Range] = []
    for low, high in sorted((floor(low, length), ceil(high, length)) for low, high in spans):
        if touched and low <= touched[-1][1]:
            touched[-1] = (touched[-1][0], max(high, touched[-1][1]))
        else:
            touched.append((low, high))
    return touched


def _described(sought: Sought, units: list[Unit]) -> list[Unit]:
    """With what the sums of days do not tell of an hour, and those of a message of the others."""
    alone = [unit.at for unit in units if unit.n == 1 and unit.newest is None]
    if alone:
        whose = sought.whose + sql.SQL(" AND ") + sought.chosen
        last: dict[datetime, UUID] = dict(
            rows(LAST_OF_HOURS, where=whose + _at(alone), **sought.tables)
        )
        units = [unit._replace(newest=unit.newest or last.get(unit.at)) for unit in units]
    if sought.digest is None or not units:
        return units
    everyone = where(sought.application_id, None)
    totals: dict[datetime, int] = dict(
        rows(TOTALS, where=everyone + _at([unit.at for unit in units]))
    )
    return [unit._replace(total=totals.get(unit.at, unit.n)) for unit in units]


def _at(hours: Sequence[datetime]) -> sql.Composed:
    return sql.SQL(" AND hour = ANY ({}::timestamptz[])").format(sql.Literal(list(hours)))
