"""Monitors as tests need them."""

from datetime import datetime
from itertools import count
from typing import Any
from uuid import uuid4

from applications.factories import create_application
from applications.models import Application
from monitors import calling, targets
from monitors.models import Maintenance, Monitor
from monitors.records import HeartbeatTarget, HttpTarget, Target

_numbers = count(1)


def create_heartbeat(target: HeartbeatTarget, awaited_from: datetime, **fields: Any) -> Monitor:
    """One that has been awaited since a moment."""
    monitor = create_monitor(target, ping_key=uuid4(), retries=0, **fields)
    calling.awaited(monitor, awaited_from)
    monitor.save()
    return monitor


def create_maintenance(
    application: Application, begin: datetime, end: datetime | None = None, **fields: Any
) -> Maintenance:
    return Maintenance.objects.create(
        application=application, name="an update", begin=begin, end=end, **fields
    )


def create_monitor(
    target: Target | None = None,
    name: str = "",
    application: Application | None = None,
    **fields: Any,
) -> Monitor:
    kind, stored = targets.stored(target or HttpTarget("https://service.example/"))
    return Monitor.objects.create(
        application=application or create_application(),
        name=name or f"monitor-{next(_numbers)}",
        kind=kind,
        target=stored,
        **fields,
    )
