"""What a rule would have told within the last seven days, had it been there.

What holds by the minute is found as the evaluation finds it; messages are known by the hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from alerts.findings import Asked, Finding, findings, finished, readable_since
from alerts.messages import findings_of
from alerts.records import Condition, NewMessage, ReturnedMessage
from alerts.seen import Seen
from applications.models import Application
from events.records import LEVELS, moment_of
from stats.closing import closed_days

SPAN = timedelta(days=7)
MOST_SHOWN = 50
# Of messages whose texts are looked up, and of events where no rollup tells enough
MOST_READ, MOST_ROWS = 2_000, 100_000

# What was kept of messages before a moment: closed days, and the hours of the others.
_BEFORE = """
    SELECT level, digest, max(last_id::text COLLATE "C")::uuid AS last_id
    FROM (
        SELECT level, digest, last_id FROM stats_messagedaycount
        WHERE application_id = %(application)s AND day = ANY(%(closed)s::timestamptz[])
        UNION ALL
        SELECT level, digest, last_id FROM stats_messagecount
        WHERE application_id = %(application)s AND n > 0
            AND hour >= %(kept)s AND hour < %(since)s
            AND date_trunc('day', hour, 'UTC') <> ALL(%(closed)s::timestamptz[])
    ) kept
    GROUP BY level, digest
"""
# The hours in which a message was said, each with when it had been said before.
_SAID = f"""
    WITH before AS ({_BEFORE})
    SELECT level, digest, said.last_id, coalesce(previous, before.last_id)
    FROM (
        SELECT level, digest, last_id,
            lag(last_id) OVER (PARTITION BY level, digest ORDER BY hour) AS previous
        FROM stats_messagecount
        WHERE application_id = %(application)s AND hour >= %(since)s AND hour < %(until)s
            AND level >= %(level)s AND n > 0
    ) said LEFT JOIN before USING (level, digest)
    WHERE previous IS NULL OR %(again)s
    ORDER BY said.last_id DESC
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
    since = (now - SPAN).replace(second=0, microsecond=0)
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
    """What was said of these levels, by message and hour; of new ones only the first hour."""
    hour = since.replace(minute=0)
    kept = hour - timedelta(days=settings.RETENTION_DAYS + 1)
    closed = closed_days(kept, hour)
    parameters: dict[str, Any] = {
        "application": application.pk,
        "closed": [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in closed],
        "kept": kept,
        "since": hour,
        "until": now,
        "level": LEVELS[condition.level],
        "again": isinstance(condition, ReturnedMessage),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SAID, parameters)
        found = [
            Seen(level, digest, last_id, moment_of(before) if before else None)
            for level, digest, last_id, before in cursor.fetchall()
        ]
    return [each for each in found if _would_be_told(condition, each)]


def _would_be_told(condition: NewMessage | ReturnedMessage, seen: Seen) -> bool:
    if isinstance(condition, NewMessage):
        return seen.before is None
    return seen.before is not None and seen.at - seen.before >= timedelta(days=condition.days)
