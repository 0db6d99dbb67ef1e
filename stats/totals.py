"""Reads what a list of applications shows of each: a constant number of queries for any list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from psycopg import sql

from events.records import EPOCH, LEVELS, moment_of
from stats.closing import closed_days
from stats.cover import DAY, FAR, HOUR, MINUTE, ceil, cover_messages, floor
from stats.reading import Levels, Source, rows, union, where

# The last 24 hours: their first minutes from raw rows and minutes, the rest from hours. The hours
# also know the newest event, from the one on in which the window begins.
RECENT = """
    SELECT application_id, sum(n)::bigint, max(last_id)::uuid
    FROM (
        SELECT application_id, count(*) AS n, NULL AS last_id
        FROM events_event
        WHERE application_id = ANY ({ids}::bigint[])
            AND received_at >= {since} AND received_at < {minute}
        GROUP BY application_id
        UNION ALL
        SELECT application_id, sum(n), NULL
        FROM stats_minutecount
        WHERE application_id = ANY ({ids}::bigint[]) AND minute >= {minute} AND minute < {hour}
        GROUP BY application_id
        UNION ALL
        SELECT application_id, coalesce(sum(n) FILTER (WHERE hour >= {hour}), 0),
            max(last_id::text COLLATE "C")
        FROM stats_hourcount
        WHERE application_id = ANY ({ids}::bigint[]) AND hour >= {first_hour}
        GROUP BY application_id
    ) AS counted
    GROUP BY application_id
"""
LAST = """
    SELECT application_id, max(last_id::text COLLATE "C")::uuid
    FROM ({counted}) AS counted GROUP BY application_id
"""
LAST_OF_HOURS = "SELECT application_id, last_id FROM stats_hourcount WHERE {where}"
LAST_OF_DAYS = "SELECT application_id, last_id FROM stats_daycount WHERE {where}"
# The last 24 clock hours, by application and level: which of them, and how many in each.
HOURS = """
    SELECT application_id, level, array_agg(extract(epoch FROM hour - {first})::int / 3600),
        array_agg(n), max(last_id::text COLLATE "C")::uuid
    FROM stats_hourcount
    WHERE application_id = ANY ({ids}::bigint[]) AND hour >= {first} AND hour < {end}
    GROUP BY application_id, level ORDER BY application_id, level
"""
# The same hours a day before, the last of them up to the minute that it is now.
BEFORE = """
    SELECT application_id, sum(n)::bigint
    FROM (
        SELECT application_id, n FROM stats_minutecount
        WHERE application_id = ANY ({ids}::bigint[]) AND minute >= {hour} AND minute < {minute}
        UNION ALL
        SELECT application_id, n FROM stats_hourcount
        WHERE application_id = ANY ({ids}::bigint[]) AND hour >= {first} AND hour < {hour}
    ) AS counted
    GROUP BY application_id
"""
ERRORS = [number for number in LEVELS.values() if number >= LEVELS["ERROR"]]


class Summary(NamedTuple):
    """Events of the last 24 hours, and when the newest of all was received."""

    count_24h: int = 0
    last_event_at: datetime | None = None


@dataclass(slots=True)
class Overview:
    """The last 24 clock hours of an application, the current one the last, and the day before.

    `before_24h` ends a day before the minute that it is: compare it with `count_24h`.
    """

    hours: dict[int, list[int]]  # level → 24 counts, oldest first
    count_24h: int = 0
    before_24h: int = 0
    last_event_at: datetime | None = None
    last_error_at: datetime | None = None


def summaries(application_ids: Sequence[int], *, now: datetime | None = None) -> dict[int, Summary]:
    """A summary for each of these applications, in at most three queries."""
    since = (now or datetime.now(UTC)) - DAY
    recent = rows(
        RECENT,
        ids=sql.Literal(list(application_ids)),
        since=sql.Literal(since),
        minute=sql.Literal(ceil(since, MINUTE)),
        hour=sql.Literal(ceil(since, HOUR)),
        first_hour=sql.Literal(floor(since, HOUR)),
    )
    found = {id_: Summary(count, moment_of(last_id)) for id_, count, last_id in recent}
    quiet = [id_ for id_ in application_ids if id_ not in found]
    if quiet:
        found |= {id_: Summary(0, moment) for id_, moment in _last(quiet).items()}
    return {id_: found.get(id_, Summary()) for id_ in application_ids}


def overviews(
    application_ids: Sequence[int], *, now: datetime | None = None
) -> dict[int, Overview]:
    """An overview of each of these applications, in at most six queries."""
    now = now or datetime.now(UTC)
    hour = floor(now, HOUR)
    first = hour - 23 * HOUR
    ids = sql.Literal(list(application_ids))
    recent = rows(HOURS, ids=ids, first=sql.Literal(first), end=sql.Literal(hour + HOUR))
    found = {id_: Overview({}) for id_ in application_ids}
    for application_id, level, numbers, counts, last_id in recent:
        overview = found[application_id]
        by_number = dict(zip(numbers, counts, strict=True))
        overview.hours[level] = [by_number.get(number, 0) for number in range(24)]
        overview.count_24h += sum(counts)
        _notice(overview, level, moment_of(last_id))
    before = rows(
        BEFORE,
        ids=ids,
        first=sql.Literal(first - DAY),
        hour=sql.Literal(hour - DAY),
        minute=sql.Literal(floor(now, MINUTE) - DAY),
    )
    for application_id, n in before:
        found[application_id].before_24h = n
    _look_further_back(found)
    return found


def _notice(overview: Overview, level: int, moment: datetime) -> None:
    overview.last_event_at = max(overview.last_event_at or moment, moment)
    if level in ERRORS:
        overview.last_error_at = max(overview.last_error_at or moment, moment)


def _look_further_back(found: dict[int, Overview]) -> None:
    """The last event and error of those that had none in the last hours."""
    quiet = [id_ for id_, overview in found.items() if not overview.last_event_at]
    for application_id, moment in _last(quiet).items():
        found[application_id].last_event_at = moment
    sound = [id_ for id_, overview in found.items() if not overview.last_error_at]
    for application_id, moment in _last(sound, ERRORS).items():
        found[application_id].last_error_at = moment


def _last(application_ids: Sequence[int], levels: Levels = None) -> dict[int, datetime]:
    """When the newest event of each of these applications was received, if it has one."""
    if not application_ids:
        return {}
    pieces = cover_messages(EPOCH, FAR, closed=closed_days(EPOCH, FAR))
    whose = where(application_ids, levels)
    counted = union(
        Source(LAST_OF_HOURS, "hour", whose).over(pieces.hours),
        Source(LAST_OF_DAYS, "day", whose).over(pieces.days),
    )
    return {id_: moment_of(last_id) for id_, last_id in rows(LAST, counted=counted)}
