"""Applications with monitors and rules, over the database that the settings name.

    .venv/bin/python -m benchmarks.monitor_filling MONITORS SILENT INTERVAL HEALTHY_PORT SILENT_PORT

A hundred applications share the monitors, and each has the five usual rules. One monitor of SILENT
watches what never answers. What is due is spread over the interval.
"""

import os
import sys
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loghandler.settings")
django.setup()

from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from applications.models import Application  # noqa: E402
from benchmarks import evaluating  # noqa: E402
from loghandler import partitions  # noqa: E402
from monitors.factories import create_monitor  # noqa: E402
from monitors.records import HttpTarget  # noqa: E402

APPLICATIONS = 100


@transaction.atomic
def fill(monitors: int, every: int, interval: int, healthy: int, silent: int) -> None:
    now = timezone.now()
    applications = [
        Application.objects.create(name=f"watched-{number}") for number in range(APPLICATIONS)
    ]
    for application in applications:
        evaluating.create_rules(application, evaluating.RULES["usual"], now)
    for number in range(monitors):
        target = HttpTarget(
            f"https://127.0.0.1:{healthy}/" if number % every else f"http://127.0.0.1:{silent}/"
        )
        create_monitor(
            target,
            f"monitor-{number}",
            applications[number % APPLICATIONS],
            interval_seconds=interval,
            timeout_seconds=interval / 6,
            due_at=now + timedelta(seconds=interval * number / monitors),
        )


if __name__ == "__main__":
    partitions.ensure()
    fill(*map(int, sys.argv[1:]))
