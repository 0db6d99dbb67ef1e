"""Monitors are made, changed, paused and resumed. The worker sees it at its next look."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from applications.models import Application
from loghandler.saving import save_valid
from monitors import calling, targets
from monitors.models import Maintenance, Monitor, Outage, Pause
from monitors.records import HeartbeatTarget, Target
from monitors.validity import require_valid
from monitors.verdicts import UNKNOWN

SETTINGS = ("name", "interval_seconds", "timeout_seconds", "retries", "tags")
MOST_MONITORS = 1_000  # of an application: the loop is everybody's
NO_RETRIES = 0  # of a heartbeat: its grace is what is waited
_UNCHECKED = {
    "state": UNKNOWN, "failed": 0, "failing_since": None, "failure": None, "words": "",
}  # fmt: skip


def create(
    application: Application, name: str, target: Target, *, paused: bool = False, **settings: Any
) -> Monitor:
    """Make a monitor, due at once. Raises ValueError, or ValidationError by field."""
    monitor = Monitor(application=application, name=name, **settings)
    if application.monitors.count() >= MOST_MONITORS:
        raise ValueError(f"An application has at most {MOST_MONITORS:,} monitors.")
    with transaction.atomic():
        _aim(monitor, target, timezone.now())
        save_valid(monitor)
        if paused:
            pause(monitor)
    return monitor


def change(monitor: Monitor, target: Target | None = None, **settings: Any) -> None:
    """Change what is named; another target is checked at once. Raises as `create` does."""
    for name, value in settings.items():
        setattr(monitor, name, value)
    fields = set(settings)
    now = timezone.now()
    if target is not None and targets.stored(target) != (monitor.kind, monitor.target):
        _aim(monitor, target, now)
        fields |= {"kind", "target", "ping_key", "awaited_from", "started_at", "due_at", "retries"}
    elif "interval_seconds" in settings and not _calls(monitor):
        monitor.due_at = now
        fields.add("due_at")
    if _calls(monitor):
        monitor.retries = NO_RETRIES
    save_valid(monitor, update_fields=fields)


@transaction.atomic
def pause(monitor: Monitor) -> None:
    """Check it no more. An outage ends with that: nobody knows how it goes on."""
    now = timezone.now()
    if not Monitor.objects.filter(pk=monitor.pk, paused=False).update(
        paused=True, state_since=now, **_UNCHECKED
    ):
        return
    Outage.objects.filter(monitor=monitor, end=None).update(end=now)
    Pause.objects.create(application_id=monitor.application_id, monitor=monitor, begin=now)
    monitor.refresh_from_db()


@transaction.atomic
def resume(monitor: Monitor) -> None:
    """Check it again, at once; a job is awaited from now on."""
    now = timezone.now()
    if not Monitor.objects.filter(pk=monitor.pk, paused=True).update(paused=False):
        return
    Pause.objects.filter(monitor=monitor, end=None).update(end=now)
    monitor.refresh_from_db()
    _await(monitor, now)
    monitor.save(update_fields=["awaited_from", "started_at", "due_at"])


def check_now(monitor: Monitor) -> None:
    """Let the worker check it at its next look. A job is not asked, nor is what is paused."""
    asked = Monitor.objects.filter(pk=monitor.pk, paused=False).exclude(kind=targets.HEARTBEAT)
    asked.update(due_at=timezone.now())


@transaction.atomic
def delete(monitor: Monitor) -> None:
    """What its checks found goes with its day.

    Maintenance of it alone goes, too: a window of no monitor is one of all.
    """
    # A check that is being stored may begin an outage, which is to be deleted, too.
    Monitor.objects.filter(pk=monitor.pk).select_for_update().first()
    of_others = Maintenance.monitors.through.objects.exclude(monitor=monitor)
    monitor.maintenances.exclude(pk__in=of_others.values("maintenance")).delete()
    monitor.delete()


def _aim(monitor: Monitor, target: Target, now: datetime) -> None:
    require_valid(target)
    monitor.kind, monitor.target = targets.stored(target)
    if isinstance(target, HeartbeatTarget):
        monitor.retries = NO_RETRIES
        monitor.ping_key = monitor.ping_key or uuid4()
    else:
        monitor.ping_key = monitor.awaited_from = None
    _await(monitor, now)


def _await(monitor: Monitor, now: datetime) -> None:
    if _calls(monitor):
        calling.awaited(monitor, now)
    else:
        monitor.due_at = now


def _calls(monitor: Monitor) -> bool:
    return monitor.kind == targets.HEARTBEAT
