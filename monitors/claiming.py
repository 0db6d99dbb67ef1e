"""Who checks what is due: each monitor is claimed by one worker, once per interval.

A claim moves `due_at` on by whole intervals: checks keep their phase however late one began, and
what a killed worker had claimed is due again after one interval. What is due later than that was
claimed by a clock that was ahead, and is due now.
"""

import json
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from monitors import targets
from monitors.records import Target

CLOCKS_APART = timedelta(minutes=1)  # at most, those of two workers
_CLAIM = """
    UPDATE monitors_monitor
    SET due_at = due_at + interval_seconds * interval '1 second'
        * (floor(extract(epoch FROM %(now)s - due_at) / interval_seconds) + 1)
    WHERE id = ANY(ARRAY(
        SELECT monitor.id FROM monitors_monitor monitor
        JOIN applications_application application ON application.id = application_id
        WHERE (due_at <= %(now)s OR kind <> 'heartbeat'
                AND due_at > %(latest)s  -- by the index; there is hardly any
                AND due_at > %(latest)s + interval_seconds * interval '1 second')
            AND NOT paused AND deleted_at IS NULL
        ORDER BY due_at LIMIT %(most)s FOR UPDATE OF monitor SKIP LOCKED
    ))
    RETURNING application_id, id, kind, target::text, timeout_seconds
"""


class Due(NamedTuple):
    """A monitor that is to be checked now."""

    application_id: int
    monitor_id: int
    kind: str
    stored: str  # JSON of its target
    timeout: float  # seconds

    @property
    def asked(self) -> tuple[str, Any]:
        """Kind and target, as the monitor has them."""
        return self.kind, json.loads(self.stored)

    def target(self) -> Target:
        """Raises ValueError where what is stored is none, which nobody but an operator can do."""
        return targets.parsed(self.kind, self.stored)


def claim(now: datetime, most: int) -> list[Due]:
    """Claim monitors that are due, those that have been for longest first; in any order."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "most": most, "latest": now + CLOCKS_APART})
        return [Due(*row) for row in cursor.fetchall()]
