"""Deletes events in small batches. What deletes them takes them off the rollups, too."""

from datetime import datetime
from typing import Any

import psycopg

# The oldest first: what is left of an hour then still has its newest event.
DELETE_BEFORE = """
    WITH doomed AS MATERIALIZED (
        SELECT application_id, received_at, id FROM events_event
        WHERE application_id = %(application_id)s AND received_at < %(before)s
        ORDER BY received_at, id LIMIT %(limit)s
        FOR UPDATE
    )
    DELETE FROM events_event USING doomed
    WHERE events_event.application_id = doomed.application_id
        AND events_event.received_at = doomed.received_at AND events_event.id = doomed.id
        AND events_event.application_id = %(application_id)s
        AND events_event.received_at < %(before)s
    RETURNING events_event.application_id, events_event.id, events_event.received_at,
        events_event.level, events_event.message
"""


def delete_before(
    cursor: psycopg.Cursor[Any], application_id: int, before: datetime, *, limit: int
) -> list[tuple[Any, ...]]:
    """Delete at most `limit` of the application's oldest events; returns what was deleted as
    (application_id, id, received_at, level, message).
    """
    cursor.execute(
        DELETE_BEFORE, {"application_id": application_id, "before": before, "limit": limit}
    )
    return cursor.fetchall()
