"""Maintenance windows of monitors, as they are stored."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from applications.models import Application
from monitors.models import Maintenance, Monitor
from monitors.schedules import cron
from monitors.uptime import Span
from monitors.windows import FOREVER, Once, Recurring, Window, require_seldom, spans


def window(row: Maintenance) -> Window:
    """Raises ValueError where its cron expression is none, or has no length."""
    if not row.cron:
        if row.end is None or row.end <= row.begin:
            raise ValueError("A window ends after it begins.")
        return Once(row.begin, row.end)
    if not row.minutes:
        raise ValueError("For how many minutes?")
    schedule, length = cron(row.cron, row.zone), timedelta(minutes=row.minutes)
    return Recurring(schedule, length, row.begin, row.end or FOREVER)


def during(
    application_ids: Iterable[int], since: datetime, until: datetime
) -> Callable[[int, int], list[Span]]:
    """When it is maintenance within a range: a function of an application's and a monitor's id."""
    of_all: dict[int, list[Window]] = defaultdict(list)
    of_one: dict[int, list[Window]] = defaultdict(list)
    rows = Maintenance.objects.filter(
        Q(end=None) | Q(end__gt=since), application__in=set(application_ids), begin__lt=until
    )
    for row in rows.prefetch_related("monitors"):
        monitors = [monitor.pk for monitor in row.monitors.all()]
        if not monitors:
            of_all[row.application_id].append(window(row))
        for monitor in monitors:
            of_one[monitor].append(window(row))
    return lambda application, monitor: spans(of_all[application] + of_one[monitor], since, until)


def end(row: Maintenance) -> None:
    """What is to come does not come; what has begun is history. One that has not goes."""
    now = timezone.now()
    if row.begin >= now:
        row.delete()
        return
    Maintenance.objects.filter(Q(end=None) | Q(end__gt=now), pk=row.pk).update(end=now)


def create(application: Application, monitors: Iterable[Monitor], **settings: Any) -> Maintenance:
    """Add a window. Raises ValueError, or ValidationError by field."""
    row = Maintenance(application=application, **settings)
    found = window(row)
    if isinstance(found, Recurring):
        require_seldom(found, timezone.now())
    row.full_clean()
    with transaction.atomic():
        row.save()
        row.monitors.set(monitors)
    return row
