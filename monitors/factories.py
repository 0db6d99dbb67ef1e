"""Monitors as tests need them."""

from itertools import count
from typing import Any

from applications.factories import create_application
from monitors import targets
from monitors.models import Monitor
from monitors.records import HttpTarget, Target

_numbers = count(1)


def create_monitor(target: Target | None = None, name: str = "", **fields: Any) -> Monitor:
    kind, stored = targets.stored(target or HttpTarget("https://service.example/"))
    return Monitor.objects.create(
        application=create_application(),
        name=name or f"monitor-{next(_numbers)}",
        kind=kind,
        target=stored,
        **fields,
    )
