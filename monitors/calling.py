"""Jobs call, or are late: a heartbeat's state after either."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from monitors import heartbeats, targets
from monitors.heartbeats import Call, Heartbeat
from monitors.models import Monitor
from monitors.records import CheckRecord, HeartbeatTarget
from monitors.schedules import late_at
from monitors.storing import Change, Found, store
from monitors.verdicts import DOWN

logger = logging.getLogger(__name__)
OUTPUT_CHARACTERS = 10_000  # that are kept of what a job sends with its call


class UnknownKey(Exception):
    """No heartbeat has this key."""


@transaction.atomic
def take(key: UUID, call: Call, output: str = "") -> list[Change]:
    """A job has called. Raises UnknownKey."""
    monitors = Monitor.objects.filter(ping_key=key, application__deleted_at=None)
    monitor = monitors.select_for_update(of=["self"]).first()
    if monitor is None:
        raise UnknownKey
    heartbeat, check = heartbeats.called(_heartbeat(monitor), call)
    Monitor.objects.filter(pk=monitor.pk).update(
        awaited_from=heartbeat.awaited_from,
        started_at=heartbeat.started_at,
        due_at=_late_at(monitor, heartbeat),
    )
    told = [_found(monitor, check, output)] if check and not monitor.paused else []
    changes = store(told)
    # One that is late and not known to be down is looked at again, as in maintenance.
    Monitor.objects.filter(pk=monitor.pk, state=DOWN, due_at__lte=call.at).update(due_at=None)
    return changes


@transaction.atomic
def look(monitor_ids: Iterable[int], now: datetime) -> list[Change]:
    """Which of these jobs are late? What is late is told once, and awaited no more."""
    # A call may have come since they were claimed, or one may be of another kind by now.
    jobs = Monitor.objects.filter(pk__in=monitor_ids, kind=targets.HEARTBEAT, paused=False)
    locked = jobs.order_by("pk").select_for_update(of=["self"])
    found = [_found(each, record) for each in locked if (record := _lateness(each, now))]
    changes = store(found)
    # In maintenance it is looked at again, until that is over.
    late = [each.monitor_id for each in found]
    Monitor.objects.filter(pk__in=late, state=DOWN).update(due_at=None)
    return changes


def awaited(monitor: Monitor, since: datetime) -> None:
    """Set a heartbeat up, unsaved: it is awaited from a moment on."""
    heartbeat = Heartbeat(since)
    monitor.awaited_from, monitor.started_at = since, None
    monitor.due_at = _late_at(monitor, heartbeat)


def _lateness(monitor: Monitor, now: datetime) -> CheckRecord | None:
    try:
        target = _target(monitor)
        schedule, grace = heartbeats.schedule(target), timedelta(seconds=target.grace_seconds)
        return heartbeats.lateness(_heartbeat(monitor), schedule, grace, now)
    except ValueError as error:  # its time zone may be gone: no silence, nor that of all others
        logger.exception("Monitor %d could not be looked at", monitor.pk)
        return CheckRecord(now, "error", f"Log Handler could not look at it: {error}")


def _found(monitor: Monitor, check: CheckRecord, output: str = "") -> Found:
    return Found(monitor.application_id, monitor.pk, check, output[-OUTPUT_CHARACTERS:] or None)


def _heartbeat(monitor: Monitor) -> Heartbeat:
    assert monitor.awaited_from is not None
    return Heartbeat(monitor.awaited_from, monitor.started_at)


def _target(monitor: Monitor) -> HeartbeatTarget:
    target = targets.read(monitor.kind, monitor.target)
    assert isinstance(target, HeartbeatTarget)
    return target


def _late_at(monitor: Monitor, heartbeat: Heartbeat) -> datetime:
    target = _target(monitor)
    return late_at(
        heartbeats.schedule(target),
        timedelta(seconds=target.grace_seconds),
        done=heartbeat.awaited_from,
        started=heartbeat.started_at,
    )
