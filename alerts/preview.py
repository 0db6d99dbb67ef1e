"""What a rule would have told within the last seven days, had it been there.

What holds by the minute is found as the evaluation finds it; messages are known by day and hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from alerts import kept
from alerts.findings import Asked, Finding, findings, finished, readable_since
from alerts.kept import KEPT
from alerts.messages import findings_of, is_meant
from alerts.records import Condition, NewMessage, ReturnedMessage
from alerts.seen import Seen
from applications.models import Application
from events.records import LEVELS
from stats.cover import DAY, MINUTE, floor

SPAN = timedelta(days=7)
MOST_SHOWN = 50
# Of messages whose texts are looked up, and of events where no rollup tells enough
MOST_READ, MOST_ROWS = 2_000, 100_000

# The days in which a message was said, from their first hour to their last one, each with when it
# had been said before; then the newest event as of the first hour. All by primary keys.
_SAID = f"""
    WITH before AS ({KEPT}),
    days AS (
        SELECT level, digest, last_id,
            day + interval '1 hour' * cardinality(array_positions(hours, 0)) AS first,
            day + interval '1 hour' * (array_position(hours, n::int) - 1) AS last
        FROM stats_messagedaycount
        WHERE application_id = %(application)s AND day = ANY(%(closed_then)s::timestamptz[])
            AND level >= %(level)s
        UNION ALL
        SELECT level, digest, max(last_id::text COLLATE "C")::uuid, min(hour), max(hour)
        FROM unnest(%(lows_then)s::timestamptz[], %(highs_then)s::timestamptz[]) AS span (low, high)
        CROSS JOIN LATERAL (
            SELECT * FROM stats_messagecount
            WHERE application_id = %(application)s AND n > 0 AND level >= %(level)s
                AND hour >= low AND hour < high OFFSET 0
        ) said
        GROUP BY level, digest, date_trunc('day', hour, 'UTC')
    ),
    said AS (
        SELECT *, lag(last) OVER message AS last_before, lag(last_id) OVER message AS id_before
        FROM days WINDOW message AS (PARTITION BY level, digest ORDER BY first)
    )
    SELECT level, digest, newest.last_id, coalesce(id_before, before.last_id)
    FROM said LEFT JOIN before USING (level, digest)
    CROSS JOIN LATERAL (
        SELECT last_id FROM stats_messagecount
        WHERE application_id = %(application)s AND hour = first AND level = said.level
            AND digest = said.digest LIMIT 1
    ) newest
    WHERE CASE WHEN %(days)s IS NULL THEN id_before IS NULL AND before.last_id IS NULL
        ELSE first - coalesce(last_before, before.day) > interval '1 hour' * (24 * %(days)s - 1) END
    ORDER BY newest.last_id DESC
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Preview:
    """`alerts`: the newest of all, newest first; `since`: from when on it could be told."""

    total: int
    alerts: Sequence[Finding]
    since: datetime


def preview(application: Application, condition: Condition, now: datetime | None = None) -> Preview:
    """What a rule of this condition would have told."""
    now = now or timezone.now()
    since = floor(now - SPAN, MINUTE)
    if isinstance(condition, NewMessage | ReturnedMessage):
        seen = _said(application, condition, since, now)
        found = findings_of(condition, application, seen[:MOST_READ])
        # Of what is not read nobody knows whether it contains the text.
        total = len(found) if condition.contains else len(seen)
        return Preview(total, found[:MOST_SHOWN], since)
    asked = Asked(application, since, finished(condition, now), since)
    since = readable_since(condition, asked, MOST_ROWS)
    found = findings(condition, replace(asked, since=since))
    found = [each for each in found if each.end is None or each.end > since]
    return Preview(len(found), found[::-1][:MOST_SHOWN], since)


def _said(
    application: Application,
    condition: NewMessage | ReturnedMessage,
    since: datetime,
    now: datetime,
) -> list[Seen]:
    """Which messages a rule would tell of; `at` is in the first hour of them."""
    day = floor(since, DAY)
    begin = day - timedelta(days=settings.RETENTION_DAYS + 1)
    parameters = kept.of(application.pk, begin, day, LEVELS[condition.level]) | {
        **{f"{name}_then": moments for name, moments in kept.pieces(day, now).items()},
        "days": condition.days if isinstance(condition, ReturnedMessage) else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SAID, parameters)
        found = [Seen.of(*row) for row in cursor.fetchall()]
    return [each for each in found if each.at >= since and is_meant(condition, each)]
