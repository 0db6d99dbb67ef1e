"""What messages say: the texts of events, many at once."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from events.records import moment_of

# By the primary key (application_id, received_at, id), one after another: LIMIT keeps PostgreSQL
# from reading the days as a whole instead.
_TEXTS = """
    SELECT wanted.id, said.message
    FROM unnest(%s::timestamptz[], %s::uuid[]) AS wanted (received_at, id)
    CROSS JOIN LATERAL (
        SELECT message FROM events_event
        WHERE application_id = %s AND received_at = wanted.received_at AND id = wanted.id LIMIT 1
    ) AS said
"""


def texts(application_id: int, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The messages of these events, by id; without those that were deleted meanwhile."""
    wanted = list(ids)
    with connection.cursor() as cursor:
        cursor.execute(_TEXTS, [[moment_of(each) for each in wanted], wanted, application_id])
        return dict(cursor.fetchall())
