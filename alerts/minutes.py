"""Events and requests of an application by the minute, from rollups; rows are not read."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection

from stats.cover import DAY, HOUR, MINUTE, floor
from stats.models import TrafficMinute
from traffic import histograms

# By its primary key (application_id, minute, level).
_EVENTS = """
    SELECT minute, sum(n)::bigint FROM stats_minutecount
    WHERE application_id = %s AND minute >= %s AND minute < %s AND level >= %s GROUP BY minute
"""
# By its primary key, whose first columns are (application_id, minute).
_REQUESTS = """
    SELECT minute, sum(n)::bigint, coalesce(sum(n) FILTER (WHERE status >= 500), 0)::bigint
    FROM stats_trafficminute
    WHERE application_id = %s AND minute >= %s AND minute < %s GROUP BY minute
"""
_DURATIONS = """
    SELECT minute, sum(n)::bigint, sum(durations)::text FROM stats_trafficminute
    WHERE application_id = %s AND minute >= %s AND minute < %s GROUP BY minute
"""
# By their primary keys, whose first columns are the application and the time.
_EVER = """
    SELECT EXISTS (
        SELECT FROM stats_minutecount
        WHERE application_id = %(application)s AND minute >= %(hour)s AND minute < %(before)s
            AND n > 0
    ) OR EXISTS (
        SELECT FROM stats_hourcount
        WHERE application_id = %(application)s AND hour < %(hour)s AND n > 0
    )
"""


class Minute(NamedTuple):
    """The requests of a minute; `p95` in ms, where it was asked for."""

    requests: int = 0
    failed: int = 0
    p95: float = 0.0


def events(application_id: int, since: datetime, until: datetime, level: int) -> list[int]:
    """How many events of a level or a worse one were received in each minute."""
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, [application_id, since, until, level])
        found = dict(cursor.fetchall())
    return [found.get(minute, 0) for minute in starts(since, until)]


def requests(application_id: int, since: datetime, until: datetime) -> list[Minute]:
    """How many requests of each minute failed; minutes are kept for some days only."""
    with connection.cursor() as cursor:
        cursor.execute(_REQUESTS, [application_id, since, until])
        found = {minute: Minute(n, failed) for minute, n, failed in cursor.fetchall()}
    return [found.get(minute, Minute()) for minute in starts(since, until)]


def durations(application_id: int, since: datetime, until: datetime) -> list[Minute]:
    """How long the requests of each minute took, which costs more to read."""
    with connection.cursor() as cursor:
        cursor.execute(_DURATIONS, [application_id, since, until])
        found = {
            minute: Minute(n, 0, histograms.percentile(text, n, 0.95))
            for minute, n, text in cursor.fetchall()
        }
    return [found.get(minute, Minute()) for minute in starts(since, until)]


def requests_kept_since(now: datetime) -> datetime:
    """From when on minutes of requests are there for sure."""
    return floor(now, DAY) - timedelta(days=TrafficMinute.partitions_kept_days)


def had_events(application_id: int, before: datetime) -> bool:
    """Whether any event is kept that was received before a minute."""
    hour = floor(before, HOUR)
    with connection.cursor() as cursor:
        cursor.execute(_EVER, {"application": application_id, "hour": hour, "before": before})
        (found,) = cursor.fetchone()
    return bool(found)


def starts(since: datetime, until: datetime) -> Sequence[datetime]:
    """The minutes of a range, which begins with one."""
    return [since + n * MINUTE for n in range((until - since) // MINUTE)]
