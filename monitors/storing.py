"""What checks found becomes rows, states and outages, all in one transaction."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction

from loghandler import queue
from monitors import hours, maintenance
from monitors.claiming import CLOCKS_APART
from monitors.models import Monitor, Outage
from monitors.records import CheckRecord, storable
from monitors.uptime import Span
from monitors.verdicts import Cause, Verdict, following, no_later

_INSERT = """
    INSERT INTO monitors_check (
        application_id, monitor_id, checked_at, failure, words, dns_ms, connect_ms, tls_ms,
        first_byte_ms, body_ms, status, address, certificate_until, output
    )
    SELECT * FROM unnest(
        %s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::real[],
        %s::real[], %s::real[], %s::real[], %s::real[], %s::smallint[], %s::inet[],
        %s::timestamptz[], %s::text[]
    )
    ON CONFLICT DO NOTHING
"""
_UPDATE = """
    UPDATE monitors_monitor monitor
    SET checked_at = new.checked_at, state = new.state, state_since = new.state_since,
        failed = new.failed, failing_since = new.failing_since, failure = new.failure,
        words = new.words, duration_ms = new.duration_ms,
        certificate_until = coalesce(new.certificate_until, monitor.certificate_until)
    FROM unnest(
        %s::bigint[], %s::timestamptz[], %s::text[], %s::timestamptz[], %s::int[],
        %s::timestamptz[], %s::text[], %s::text[], %s::float8[], %s::timestamptz[]
    ) AS new (
        id, checked_at, state, state_since, failed, failing_since, failure, words, duration_ms,
        certificate_until
    )
    WHERE monitor.id = new.id
"""
_INSTANT = timedelta(microseconds=1)


class Found(NamedTuple):
    """What a check of a monitor found. One that was deleted meanwhile has only its row."""

    application_id: int
    monitor_id: int
    check: CheckRecord
    output: str | None = None  # what a job sent with its call
    asked: tuple[str, Any] | None = None  # kind and target, as they were stored when it began


class Change(NamedTuple):
    """A monitor whose state is another one after a check."""

    monitor: Monitor
    before: Verdict
    after: Verdict


def store(found: Sequence[Found]) -> list[Change]:
    """Store what was found of different monitors; returns those whose state has changed."""
    if not found:
        return []
    found = [each._replace(check=storable(each.check)) for each in found]
    by_id = {each.monitor_id: each for each in found}
    moments = [each.check.checked_at for each in found]
    with transaction.atomic():
        _insert(found)
        # In one order, always: two workers that store at once wait for each other, and no more.
        locked = Monitor.objects.filter(pk__in=by_id).order_by("pk").select_for_update(of=["self"])
        maintained = maintenance.during(
            {each.application_id for each in found}, min(moments), max(moments) + _INSTANT
        )
        judged = [
            (monitor, *_judged(monitor, by_id[monitor.pk], maintained))
            for monitor in locked
            if _counts(monitor, by_id[monitor.pk])
        ]
        if judged:
            rows = [
                _state_row(monitor.pk, by_id[monitor.pk], after) for monitor, _, after in judged
            ]
            with connection.cursor() as cursor:
                cursor.execute(_UPDATE, _columns(rows))
        changes = [Change(*each) for each in judged if each[1].state != each[2].state]
        _keep_outages(changes)
        _sum_late(found)
        if changes:  # rules are evaluated at once
            queue.defer(queue.EVALUATING)
    return changes


@transaction.atomic
def keep(found: Sequence[Found]) -> None:
    """Keep the checks of a past that is told at once: no state follows from them, nor an outage."""
    if found:
        _insert(found)
        _sum_late(found)


def verdict(monitor: Monitor) -> Verdict:
    """A monitor's state as it is stored."""
    cause = Cause(monitor.failure, monitor.words) if monitor.failure else None
    return Verdict(monitor.state, monitor.state_since, monitor.failed, monitor.failing_since, cause)


def _counts(monitor: Monitor, found: Found) -> bool:
    """Whether a check that may have lasted for an interval tells of the monitor as it is now.

    It was not paused meanwhile, nor given another target, and no later check was sooner; but for
    one by a clock that was ahead.
    """
    last, now = monitor.checked_at, datetime.now(UTC)
    return (
        not monitor.paused
        and (found.asked is None or found.asked == (monitor.kind, monitor.target))
        and (last is None or last < found.check.checked_at or last > now + CLOCKS_APART)
    )


def _judged(
    monitor: Monitor, found: Found, maintained: Callable[[int, int], list[Span]]
) -> tuple[Verdict, Verdict]:
    at = found.check.checked_at
    before = no_later(verdict(monitor), at)
    spans = maintained(monitor.application_id, monitor.pk)
    within = any(begin <= at < end for begin, end in spans)
    return before, following(before, found.check, retries=monitor.retries, maintenance=within)


def _insert(found: Sequence[Found]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, _columns([_check_row(each) for each in found]))


def _sum_late(found: Sequence[Found]) -> None:
    now = datetime.now(UTC)
    late = [each for each in found if each.check.checked_at < now - hours.LATE]
    if late:
        hours.sum_late({each.monitor_id for each in late}, [each.check.checked_at for each in late])


def _keep_outages(changes: Sequence[Change]) -> None:
    ended = {
        each.monitor.pk: each.after.since
        for each in changes
        if each.before.is_down and each.after.since
    }
    if ended:
        outages = list(Outage.objects.filter(monitor__in=ended, end=None))
        for outage in outages:
            end = ended[outage.monitor_id]
            outage.begin, outage.end = min(outage.begin, end), end
        Outage.objects.bulk_update(outages, ["begin", "end"])
    Outage.objects.bulk_create(
        Outage(
            application_id=each.monitor.application_id,
            monitor=each.monitor,
            begin=each.after.since,
            failure=each.after.cause.failure,
            words=each.after.cause.words,
        )
        for each in changes
        if each.after.is_down and each.after.cause and each.after.since
    )


def _columns(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _check_row(found: Found) -> tuple[Any, ...]:
    check = found.check
    return (
        found.application_id,
        found.monitor_id,
        check.checked_at,
        check.failure,
        check.words,
        *check.timings,
        check.status,
        check.address,
        check.certificate_until,
        found.output,
    )


def _state_row(monitor_id: int, found: Found, after: Verdict) -> tuple[Any, ...]:
    failure, words = after.cause or (None, "")
    return (
        monitor_id,
        found.check.checked_at,
        after.state,
        after.since,
        after.failed,
        after.failing_since,
        failure,
        words,
        found.check.timings.total if found.check.timings.connect is not None else None,
        found.check.certificate_until,
    )
