"""Reads what a list of applications shows of each: a constant number of queries for any list."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from psycopg import sql

from events.records import moment_of
from stats.cover import HOUR, MINUTE, ceil, floor
from stats.reading import rows

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
    FROM stats_hourcount WHERE application_id = ANY ({ids}::bigint[]) GROUP BY application_id
"""


class Summary(NamedTuple):
    """Events of the last 24 hours, and when the newest of all was received."""

    count_24h: int = 0
    last_event_at: datetime | None = None


def summaries(application_ids: Sequence[int], *, now: datetime | None = None) -> dict[int, Summary]:
    """A summary for each of these applications, in at most two queries."""
    since = (now or datetime.now(UTC)) - timedelta(hours=24)
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
        last = rows(LAST, ids=sql.Literal(quiet))
        found |= {id_: Summary(0, moment_of(last_id)) for id_, last_id in last}
    return {id_: found.get(id_, Summary()) for id_ in application_ids}
