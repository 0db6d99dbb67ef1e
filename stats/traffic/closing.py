"""Closes days: when one is over, its traffic is summed up for readers of long ranges.

As `stats/closing.py` does for events: whatever is written to a closed day opens it again, in the
same transaction, and an open day is read by its hours.
"""

from datetime import UTC, date, datetime
from typing import Any

from psycopg import sql

from loghandler import partitions
from stats import closing
from stats.models import ClosedTrafficDay, TrafficHour
from stats.traffic import encoding, users
from stats.traffic.dimensions import Dimension

# Whoever writes a day's traffic begins with its minutes.
LOCK_DAY = "LOCK TABLE {minutes} IN SHARE ROW EXCLUSIVE MODE"
FORGET = """
    DELETE FROM stats_trafficday WHERE day = {day};
    DELETE FROM stats_traffictotalday WHERE day = {day};
    DELETE FROM stats_trafficvalueday WHERE day = {day};
    DELETE FROM stats_trafficusersday WHERE day = {day};
"""
SUM_UP = """
    INSERT INTO stats_trafficday (application_id, day, method, route, status, n, request_bytes,
        response_bytes, durations)
    SELECT application_id, {day}, method, route, status, sum(n), sum(request_bytes),
        sum(response_bytes), sum(durations)
    FROM {hours} WHERE n > 0
    GROUP BY application_id, method, route, status;
    INSERT INTO stats_traffictotalday (application_id, day, status, n, request_bytes,
        response_bytes, durations, quarters)
    SELECT application_id, {day}, status, n, request_bytes, response_bytes, durations, quarters
    FROM (
        SELECT application_id, status, sum(n) AS n, sum(request_bytes) AS request_bytes,
            sum(response_bytes) AS response_bytes, sum(durations) AS durations
        FROM {totals} WHERE n > 0 GROUP BY application_id, status
    ) AS summed
    JOIN ({quarters}) AS counted USING (application_id, status);
    INSERT INTO stats_trafficvalueday (application_id, day, dimension, value, n, client_errors,
        server_errors, first_at, last_at)
    SELECT application_id, {day}, dimension, value, sum(n), sum(client_errors),
        sum(server_errors), min(first_at), max(last_at)
    FROM {values} WHERE n > 0
    GROUP BY application_id, dimension, value;
"""
USERS = """
    SELECT application_id, array_agg(DISTINCT hashtextextended(value, 0))
    FROM stats_trafficvalueday WHERE day = {day} AND dimension = {user} GROUP BY application_id
"""
ADD_USERS = """
    INSERT INTO stats_trafficusersday (application_id, day, users, sketch) VALUES (%s, %s, %s, %s)
"""
CLOSE = "INSERT INTO stats_closedtrafficday (day) VALUES ({date}) ON CONFLICT DO NOTHING"


def open_days(now: datetime) -> list[date]:
    """Days that are over and not closed, oldest first."""
    return closing.days_to_close(now, TrafficHour, ClosedTrafficDay.objects.all())


def close_one() -> bool:
    """Close the newest day that is open and over; whether there was one."""
    days = open_days(datetime.now(UTC))
    if days:
        close(days[-1])
    return bool(days)


def close(day: date) -> None:
    """Sum a day up."""
    partitions.ensure(day)
    parts = {
        "minutes": closing.partition("stats_trafficminute", day),
        "hours": closing.partition("stats_traffichour", day),
        "totals": closing.partition("stats_traffictotal", day),
        "values": closing.partition("stats_trafficvaluehour", day),
        "day": closing.midnight(day),
        "date": sql.Literal(day),
        "user": sql.Literal(int(Dimension.USER)),
        # From the requests: no rollup tells of quarters once the minutes are gone.
        "quarters": closing.by_quarter(
            day, "status", "stats_traffictotal", "traffic_request", "occurred_at", "count(*)"
        ),
    }
    encoding.encode_day(day)
    with closing.summing_up() as cursor:
        for statement in (LOCK_DAY, FORGET, SUM_UP, USERS):
            cursor.execute(sql.SQL(statement).format(**parts))
        _sum_up_users(cursor, day)
        cursor.execute(sql.SQL(CLOSE).format(**parts))


def _sum_up_users(cursor: Any, day: date) -> None:
    """Store what the cursor has read: the users of each application."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    for application_id, hashes in cursor.fetchall():
        few, sketch = users.summed_up(hashes)
        cursor.execute(ADD_USERS, [application_id, midnight, few, sketch])


def open_again(before: date) -> None:
    """Open the days before one: their hours are about to go."""
    ClosedTrafficDay.objects.filter(day__lt=before).delete()
