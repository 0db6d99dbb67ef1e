"""Sums the checks of an hour up once it is over: graphs of months don't read each check."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from loghandler import partitions
from monitors.durations import BASE, LEAST_MS
from monitors.models import Check, Monitor

HOUR = timedelta(hours=1)
# A worker stores what it found within a second; where the database was away, later.
LATE = timedelta(minutes=10)
_SETTLED = timedelta(minutes=15)  # after the end of an hour: what is stored in it counts as late

DURATION = "(coalesce(dns_ms, 0) + coalesce(connect_ms, 0) + coalesce(tls_ms, 0)" \
    " + coalesce(first_byte_ms, 0) + coalesce(body_ms, 0))"  # fmt: skip
# The bucket of a check that succeeded, and has a duration.
BUCKET = f"""
    CASE WHEN failure IS NULL AND connect_ms IS NOT NULL THEN
        floor(ln(greatest({DURATION}, {LEAST_MS}) / {LEAST_MS}) / ln({BASE}))::smallint
    END
"""
_SUM = f"""
    INSERT INTO monitors_hourofchecks
        (application_id, monitor_id, hour, checks, failures, buckets, counts)
    SELECT application_id, monitor_id, hour, sum(n), sum(failures),
        coalesce(array_agg(bucket ORDER BY bucket) FILTER (WHERE bucket IS NOT NULL), '{{}}'),
        coalesce(array_agg(n ORDER BY bucket) FILTER (WHERE bucket IS NOT NULL), '{{}}')
    FROM (
        SELECT application_id, monitor_id, date_trunc('hour', checked_at, 'UTC') AS hour,
            {BUCKET} AS bucket, count(*) AS n, count(failure) AS failures
        FROM monitors_check
        WHERE checked_at >= %(since)s AND checked_at < %(until)s
            AND (%(monitors)s::bigint[] IS NULL OR monitor_id = ANY(%(monitors)s))
        GROUP BY 1, 2, 3, 4
    ) found
    GROUP BY 1, 2, 3
    ON CONFLICT (application_id, monitor_id, hour) DO UPDATE
    SET checks = EXCLUDED.checks, failures = EXCLUDED.failures, buckets = EXCLUDED.buckets,
        counts = EXCLUDED.counts
"""  # noqa: S608
# By the index on it.
_LAST = "SELECT max(hour) FROM monitors_hourofchecks"


def sum_up(now: datetime | None = None) -> bool:
    """Sum up the hours that are over, a day at a time; there is never more."""
    if not Monitor.objects.exists():
        return False
    since, end = summed_until(), settled(now or datetime.now(UTC))
    while since < end:
        until = min(end, _midnight(since) + timedelta(days=1))
        partitions.ensure(since.date())
        with transaction.atomic():
            _sum(since, until, None)
        since = until
    return False


def sum_late(monitor_ids: Iterable[int], moments: Iterable[datetime]) -> None:
    """Count checks of hours that are summed up already; in the transaction that stores them."""
    summed = summed_until()
    for each in sorted({hour(moment) for moment in moments}):
        if each < summed:
            _sum(each, each + HOUR, sorted(monitor_ids))


def settled(now: datetime) -> datetime:
    """The end of the last hour in which nothing is stored any more, but what is late."""
    return hour(now - _SETTLED)


def hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _sum(since: datetime, until: datetime, monitor_ids: list[int] | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SUM, {"since": since, "until": until, "monitors": monitor_ids})


def summed_until() -> datetime:
    """The end of the last hour that is summed up."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST)
        (last,) = cursor.fetchone()
    if last:
        return last.astimezone(UTC) + HOUR  # type: ignore[no-any-return]
    first, *_ = partitions.days(Check._meta.db_table)
    return datetime(first.year, first.month, first.day, tzinfo=UTC)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
