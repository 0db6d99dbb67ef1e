"""Closes days: when one is over it is summed up, for readers of long ranges.

Writers of today pay nothing for it, unlike for sums that they would keep themselves
(docs/decisions/005-messages-by-day.md). Whatever is written to a closed day opens it again, in the
same transaction; an open day is read by its hours, so that answers stay exact.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, QuerySet
from psycopg import sql

from loghandler import partitions
from stats import once
from stats.cover import DAY, HOUR, ceil, floor
from stats.models import ClosedDay, HourCount, MessageCount, MinuteCount

# Clocks of several machines differ: a writer that is behind takes the day for today.
OVER_FOR = HOUR

# Waits for those who write to this day, and holds them off while it is summed up: whoever writes
# a day's rollups begins with its messages.
LOCK_DAY = "LOCK TABLE {messages} IN SHARE ROW EXCLUSIVE MODE"
FORGET = """
    DELETE FROM stats_messagedaycount WHERE day = {day};
    DELETE FROM stats_daycount WHERE day = {day};
"""
SUM_UP = """
    INSERT INTO stats_messagedaycount (application_id, day, digest, level, n, last_id, hours)
    SELECT application_id, {day}, digest, level, sum(n), max(last_id::text COLLATE "C")::uuid,
        ARRAY[{hours}]
    FROM {messages} WHERE n > 0
    GROUP BY application_id, digest, level ORDER BY application_id, digest, level;
    INSERT INTO stats_daycount (application_id, day, level, n, last_id, hours, quarters)
    SELECT application_id, {day}, level, n, last_id, hours, quarters
    FROM (
        SELECT application_id, level, sum(n) AS n,
            max(last_id::text COLLATE "C")::uuid AS last_id, ARRAY[{hours}] AS hours
        FROM {levels} WHERE n > 0
        GROUP BY application_id, level
    ) AS summed
    JOIN ({quarters}) AS counted USING (application_id, level);
"""
BY_QUARTER = """
    SELECT application_id, {kind}, array_agg(n ORDER BY quarter) AS quarters
    FROM (
        SELECT application_id, {kind}, quarter, sum(coalesce(n, 0)) OVER (
            PARTITION BY application_id, {kind} ORDER BY quarter)::bigint AS n
        FROM (SELECT DISTINCT application_id, {kind} FROM {whole} WHERE n > 0) AS found
        CROSS JOIN generate_series(0, 95) AS quarter
        LEFT JOIN (
            SELECT application_id, {kind}, {n} AS n,
                floor(extract(epoch FROM {moment} - {day}) / 900)::int AS quarter
            FROM {parts} GROUP BY application_id, {kind}, quarter
        ) AS counted USING (application_id, {kind}, quarter)
    ) AS summed
    GROUP BY application_id, {kind}
"""
BY_THE_END_OF = """
    coalesce(sum(n) FILTER (WHERE hour < {day} + interval '{number} hours'), 0)::int
"""
CLOSE = "INSERT INTO stats_closedday (day) VALUES ({date}) ON CONFLICT DO NOTHING"
# Of both kinds: many a page needs both.
CLOSED = """
    SELECT {events}, day FROM stats_closedday
    UNION ALL SELECT {traffic}, day FROM stats_closedtrafficday
"""
EVENTS, TRAFFIC = "events", "traffic"


def open_days(now: datetime) -> list[date]:
    """Days that are over and not closed, oldest first."""
    return days_to_close(now, MessageCount, ClosedDay.objects.all())


def days_to_close(now: datetime, summed_up: type[Model], closed: QuerySet[Any]) -> list[date]:
    """Days of a table that are over and not among the closed ones, oldest first."""
    last = floor(now - OVER_FOR, DAY).date()
    done = set(closed.values_list("day", flat=True))
    days = partitions.days(summed_up._meta.db_table)
    return [day for day in days if day < last and day not in done]


def close_one() -> bool:
    """Close the newest day that is open and over; whether there was one."""
    days = open_days(datetime.now(UTC))
    if days:
        close(days[-1])
    return bool(days)


def close(day: date) -> None:
    """Sum a day up."""
    partitions.ensure(day)
    low = midnight(day)
    hours = [
        sql.SQL(BY_THE_END_OF).format(day=low, number=sql.SQL(str(number)))
        for number in range(1, 25)
    ]
    parts = {
        "messages": partition(MessageCount._meta.db_table, day),
        "levels": partition(HourCount._meta.db_table, day),
        "day": low,
        "hours": sql.SQL(", ").join(hours),
        "quarters": by_quarter(
            day, "level", HourCount._meta.db_table, MinuteCount._meta.db_table, "minute", "sum(n)"
        ),
        "date": sql.Literal(day),
    }
    with summing_up() as cursor:
        for statement in (LOCK_DAY, FORGET, SUM_UP, CLOSE):
            cursor.execute(sql.SQL(statement).format(**parts))


@contextmanager
def summing_up() -> Iterator[Any]:
    """A cursor of one transaction, which may take as long as it needs, but not for its locks."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL lock_timeout = '5s'")  # writers queue behind a lock that waits
        yield cursor


def midnight(day: date) -> sql.Composed:
    """When a day begins."""
    return sql.Literal(f"{day} 00:00:00+00") + sql.SQL("::timestamptz")


def partition(table: str, day: date) -> sql.Identifier:
    """The part of a table that is of a day."""
    return sql.Identifier(partitions.name(table, day))


def by_quarter(day: date, kind: str, whole: str, parts: str, moment: str, n: str) -> sql.Composed:
    """How many of each kind there are by the end of each quarter of an hour of a day.

    `whole` is a table by the hour, `parts` one of shorter parts of it, at a moment, n of each.
    """
    return sql.SQL(BY_QUARTER).format(
        day=midnight(day),
        kind=sql.Identifier(kind),
        whole=partition(whole, day),
        parts=partition(parts, day),
        moment=sql.Identifier(moment),
        n=sql.SQL(n),
    )


def closed_days(since: datetime, until: datetime, kind: str = EVENTS) -> set[date]:
    """The closed days that lie in [since, until) as a whole.

    A write that opens one before the reader's next statement counts from the next reader on.
    """
    first, end = ceil(since, DAY).date(), floor(until, DAY).date()
    if first >= end:
        return set()
    return {day for of, day in once.read(CLOSED, _read) if of == kind and first <= day < end}


def _read() -> list[tuple[str, date]]:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(CLOSED).format(events=EVENTS, traffic=TRAFFIC))
        found: list[tuple[str, date]] = cursor.fetchall()
    return found


def open_again(before: date) -> None:
    """Open the days before one: their hours are about to go, and their sums go a month at once."""
    ClosedDay.objects.filter(day__lt=before).delete()
