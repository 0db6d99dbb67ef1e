"""Maintenance windows of monitors, as they are stored."""

import logging
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
from monitors.uptime import Span, merged
from monitors.windows import FOREVER, Once, Recurring, Window, require_seldom, spans

logger = logging.getLogger(__name__)


def window(row: Maintenance) -> Window:
    """Raises ValueError where its cron expression is none, or has no length."""
    if (row.end is None and not row.cron) or (row.end is not None and row.end <= row.begin):
        raise ValueError("A window ends after it begins.")
    if not row.cron and row.end is not None:
        return Once(row.begin, row.end)
    if not row.minutes:
        raise ValueError("For how many minutes?")
    schedule, length = cron(row.cron, row.zone), timedelta(minutes=row.minutes)
    return Recurring(schedule, length, row.begin, row.end or FOREVER)


def during(
    application_ids: Iterable[int], since: datetime, until: datetime
) -> Callable[[int, int], list[Span]]:
    """When it is maintenance within a range: a function of an application's and a monitor's id."""
    of_all: dict[int, list[Span]] = defaultdict(list)
    of_one: dict[int, list[Span]] = defaultdict(list)
    rows = Maintenance.objects.filter(
        Q(end=None) | Q(end__gt=since), application__in=set(application_ids), begin__lt=until
    )
    for row in rows.prefetch_related("monitors"):
        try:
            told = spans([window(row)], since, until)  # once, however many monitors it is of
        except ValueError:  # its time zone may be gone: without it, others are told and checked
            logger.exception("Maintenance window %d can't be told", row.pk)
            continue
        monitors = [monitor.pk for monitor in row.monitors.all()]
        if not monitors:
            of_all[row.application_id] = merged(of_all[row.application_id] + told)
        for monitor in monitors:
            of_one[monitor] += told
    return lambda application, monitor: (
        merged(of_all[application] + of_one[monitor]) if of_one[monitor] else of_all[application]
    )


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
    _save(row, monitors)
    return row


@transaction.atomic
def change(row: Maintenance, monitors: Iterable[Monitor] | None = None, **settings: Any) -> None:
    """Change what is named; of one that has begun its name, and its end from now on.

    Raises as `create` does.
    """
    now = timezone.now()
    row.refresh_from_db(from_queryset=Maintenance.objects.select_for_update())
    if row.begin < now:
        if monitors is not None or set(settings) - {"name", "end"}:
            raise ValueError("It has begun: its name and its end can change.")
        moments = [row.end, settings["end"]] if "end" in settings else []
        if any(moment and moment < now for moment in moments):
            raise ValueError("What is over does not change.")
    for name, value in settings.items():
        setattr(row, name, value)
    _save(row, monitors)


def _save(row: Maintenance, monitors: Iterable[Monitor] | None) -> None:
    found = window(row)
    if isinstance(found, Recurring):
        require_seldom(found, timezone.now())
    row.full_clean()
    with transaction.atomic():
        row.save()
        if monitors is not None:
            row.monitors.set(monitors)
