"""Monitors as tests need them."""

from typing import Any

from applications.factories import create_application
from monitors import targets
from monitors.models import Monitor
from monitors.records import HttpTarget, Target


def create_monitor(target: Target | None = None, **fields: Any) -> Monitor:
    kind, stored = targets.stored(target or HttpTarget("https://service.example/"))
    given = {"application": fields.pop("application", None) or create_application(), **fields}
    name = given.pop("name", None) or f"monitor-{Monitor.objects.count() + 1}"
    return Monitor.objects.create(name=name, kind=kind, target=stored, **given)
