"""How long a monitor's checks took: percentiles over time, those that failed left out."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from monitors import hours
from monitors.durations import percentile
from monitors.models import Monitor
from monitors.uptime import Span

# Whole hours that are over from their sums, by the primary key.
_SUMS = """
    SELECT hour, checks, failures, buckets, counts FROM monitors_hourofchecks
    WHERE application_id = %s AND monitor_id = %s AND hour >= %s AND hour < %s
"""
# The rest from the checks themselves, by the primary key.
_CHECKS = f"""
    SELECT floor(extract(epoch FROM checked_at - %(since)s) / %(step)s)::int AS step,
        {hours.BUCKET} AS bucket, count(*), count(failure)
    FROM monitors_check
    WHERE application_id = %(application)s AND monitor_id = %(monitor)s
        AND checked_at >= %(from)s AND checked_at < %(until)s
    GROUP BY 1, 2
"""  # noqa: S608


class Checks(NamedTuple):
    """The checks of a span: how many, how many failed, and bucket of duration → succeeded ones."""

    checks: int
    failures: int
    durations: dict[int, int]

    def percentile(self, percent: float) -> float | None:
        """In ms, within 2.5 %; None where none succeeded."""
        return percentile(self.durations, percent)


def steps(monitor: Monitor, span: Span, step: timedelta) -> list[tuple[datetime, Checks]]:
    """The checks of each step of a span. Steps of whole hours, at whole hours, are read from sums.

    Others read every check: fit for two days at most.
    """
    count = -(-(span.end - span.begin) // step)
    sums = _Sums(count)
    summed = span.begin
    if not (step % hours.HOUR or span.begin != hours.hour(span.begin)):
        summed = min(max(hours.summed_until(), span.begin), span.end)
        _add_hours(sums, monitor, Span(span.begin, summed), step)
    _add_checks(sums, monitor, span, summed, step)
    return [(span.begin + n * step, sums.checks(n)) for n in range(count)]


def total(found: list[tuple[datetime, Checks]]) -> Checks:
    """The checks of all steps."""
    sums = _Sums(1)
    for _, checks in found:
        for bucket, count in checks.durations.items():
            sums.durations[0][bucket] += count
        sums.all[0] += checks.checks
        sums.failures[0] += checks.failures
    return sums.checks(0)


class _Sums:
    def __init__(self, count: int) -> None:
        self.all, self.failures = [0] * count, [0] * count
        self.durations: list[dict[int, int]] = [defaultdict(int) for _ in range(count)]

    def checks(self, step: int) -> Checks:
        return Checks(self.all[step], self.failures[step], dict(self.durations[step]))


def _add_hours(sums: _Sums, monitor: Monitor, span: Span, step: timedelta) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, [monitor.application_id, monitor.pk, *span])
        for hour, checks, failures, buckets, counts in cursor.fetchall():
            number = (hour - span.begin) // step
            sums.all[number] += checks
            sums.failures[number] += failures
            for bucket, count in zip(buckets, counts, strict=True):
                sums.durations[number][bucket] += count


def _add_checks(
    sums: _Sums, monitor: Monitor, span: Span, summed: datetime, step: timedelta
) -> None:
    parameters: dict[str, Any] = {
        "application": monitor.application_id,
        "monitor": monitor.pk,
        "since": span.begin,
        "from": summed,
        "until": span.end,
        "step": step.total_seconds(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_CHECKS, parameters)
        for number, bucket, checks, failures in cursor.fetchall():
            sums.all[number] += checks
            sums.failures[number] += failures
            if bucket is not None:
                sums.durations[number][bucket] += checks
