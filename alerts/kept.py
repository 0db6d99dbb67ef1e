"""Which messages are kept of a time: closed days as their sums, of the others the hours."""

from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from django.db import connection

from stats.closing import closed_days
from stats.cover import DAY

# By the primary keys (application_id, day, …) and (application_id, hour, …), one span of hours
# after another: OFFSET keeps PostgreSQL from reading the hours of all days.
KEPT = """
    SELECT level, digest, max(day) AS day, max(last_id::text COLLATE "C")::uuid AS last_id
    FROM (
        SELECT level, digest, day, last_id FROM stats_messagedaycount
        WHERE application_id = %(application)s AND day = ANY(%(closed)s::timestamptz[])
            AND level >= %(level)s
        UNION ALL
        SELECT level, digest, date_trunc('day', hour, 'UTC'), last_id
        FROM unnest(%(lows)s::timestamptz[], %(highs)s::timestamptz[]) AS span (low, high)
        CROSS JOIN LATERAL (
            SELECT * FROM stats_messagecount
            WHERE application_id = %(application)s AND n > 0 AND level >= %(level)s
                AND hour >= low AND hour < high OFFSET 0
        ) said
    ) kept
    GROUP BY level, digest
"""
_NEWEST = f"SELECT digest, last_id FROM ({KEPT}) kept ORDER BY last_id LIMIT %(most)s"  # noqa: S608


def of(application_id: int, since: datetime, until: datetime, level: int = 0) -> dict[str, Any]:
    """The parameters of KEPT: what was said in [since, until), of a level or a worse one."""
    return {"application": application_id, "level": level, **pieces(since, until)}


def pieces(since: datetime, until: datetime) -> dict[str, list[datetime]]:
    """When the closed days of a range begin, and the spans that are left."""
    days = [datetime.combine(day, time(), UTC) for day in sorted(closed_days(since, until))]
    spans = zip([since, *(day + DAY for day in days)], [*days, until], strict=True)
    left = [(low, high) for low, high in spans if low < high]
    return {
        "closed": days,
        "lows": [low for low, _ in left],
        "highs": [high for _, high in left],
    }


def newest(
    application_id: int, since: datetime, until: datetime, level: int, most: int
) -> dict[UUID, UUID]:
    """The newest event of each message of a time, of so many messages at most."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, of(application_id, since, until, level) | {"most": most})
        return dict(cursor.fetchall())
