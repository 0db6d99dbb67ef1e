"""Which messages of an application were seen before, and when last: what is new is not among them.

A row for each message of an application that has a rule about messages, first made from the
statistics of all that is kept. PostgreSQL's clock is not asked: times are those of the events.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection

from alerts import kept
from alerts.kept import KEPT
from events.records import least_id, moment_of
from stats.cover import HOUR, floor

# An event is committed at most so long after the moment that it counts as received at.
OVERLAP = timedelta(seconds=settings.WRITE_TIMEOUT_SECONDS + 10)
# Messages that are noted, and told, at once: a hundred thousand of them took 900 MB.
AT_ONCE = 5_000

# By the primary key (application_id, hour, level, digest): the hours that the range reaches into.
_ACTIVE = """
    SELECT level, digest, max(last_id::text COLLATE "C")::uuid AS last_id FROM stats_messagecount
    WHERE application_id = %(application)s AND hour >= %(hour)s AND n > 0
        AND last_id >= %(since_id)s
    GROUP BY level, digest
"""
# `before` is what was known of the message: the statement sees the table as it was.
_NOTE = f"""
    WITH active AS ({_ACTIVE}),
    fresh AS (
        SELECT active.level, active.digest, active.last_id, before.last_id AS before_id
        FROM active LEFT JOIN alerts_seenmessage before
            ON before.application_id = %(application)s AND before.level = active.level
            AND before.digest = active.digest
        WHERE before.last_id IS NULL OR before.last_id < active.last_id
        ORDER BY active.level, active.digest LIMIT %(most)s
    ),
    noted AS (
        INSERT INTO alerts_seenmessage AS seen (application_id, level, digest, last_id)
        SELECT %(application)s, level, digest, last_id FROM fresh ORDER BY level, digest
        ON CONFLICT (application_id, level, digest) DO UPDATE SET last_id = EXCLUDED.last_id
        WHERE EXCLUDED.last_id > seen.last_id
    )
    SELECT level, digest, last_id, before_id FROM fresh
"""  # noqa: S608
_FIRST = f"""
    INSERT INTO alerts_seenmessage AS seen (application_id, level, digest, last_id)
    SELECT %(application)s, level, digest, last_id FROM ({KEPT}) kept ORDER BY level, digest
    ON CONFLICT (application_id, level, digest)
    DO UPDATE SET last_id = GREATEST(seen.last_id, EXCLUDED.last_id)
"""  # noqa: S608
_FORGET = """
    DELETE FROM alerts_seenmessage WHERE application_id = %s AND last_id < %s
"""


class Seen(NamedTuple):
    """A message that was received lately, and when it had been before; None for a new one."""

    level: int
    digest: UUID
    last_id: UUID
    before: datetime | None

    @classmethod
    def of(cls, level: int, digest: UUID, last_id: UUID, before_id: UUID | None) -> "Seen":
        return cls(level, digest, last_id, moment_of(before_id) if before_id else None)

    @property
    def at(self) -> datetime:
        return moment_of(self.last_id)


def note(application_id: int, since: datetime) -> list[Seen]:
    """Note what was received since a moment, and was not noted yet; tells what was known of it.

    So many messages at most: of fewer there are no more.
    """
    since -= OVERLAP
    parameters: dict[str, Any] = {
        "application": application_id,
        "hour": floor(since, HOUR),
        "since_id": least_id(since),
        "most": AT_ONCE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, parameters)
        return [Seen.of(*row) for row in cursor.fetchall()]


def learn(application_id: int, until: datetime) -> None:
    """Note all that is kept of until then: what was received before a rule was made is not new.

    Also what came within the same hour after that.
    """
    since = floor(until, HOUR) - timedelta(days=settings.RETENTION_DAYS + 1)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(_FIRST, kept.of(application_id, since, until))


def forget(application_id: int, before: datetime) -> None:
    """Forget what was not seen since: of which nothing is kept is new again."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [application_id, least_id(before)])
