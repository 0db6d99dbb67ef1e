"""Maintenance windows as a page lists them: those that are, those to come, those that were."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from applications.models import Application
from dashboard.wording import length
from monitors.maintenance import window
from monitors.models import Maintenance
from monitors.uptime import Span

_AHEAD = timedelta(days=400)
MOST_PAST = 20


@dataclass(frozen=True, slots=True)
class MaintenanceRow:
    """A window, or one that comes again and again: `span` is its present, next or last one."""

    row: Maintenance
    span: Span | None
    now: bool
    monitors: Sequence[str]  # none: all of them
    lasts: str

    @property
    def again(self) -> str:
        return f"{self.row.cron} {self.row.zone}" if self.row.cron else ""


@dataclass(frozen=True, slots=True)
class Maintenances:
    present: Sequence[MaintenanceRow]  # and to come, the next one first
    past: Sequence[MaintenanceRow]


def maintenances(application: Application, now: datetime) -> Maintenances:
    rows = Maintenance.objects.filter(application=application).prefetch_related("monitors")
    told = [_row(row, now) for row in rows]
    present = [each for each in told if not _over(each.row, now) and each.span]
    past = [each for each in told if each not in present]
    present.sort(key=lambda each: each.span or Span(now, now))
    return Maintenances(present, past[:MOST_PAST])


def _over(row: Maintenance, now: datetime) -> bool:
    return row.end is not None and row.end <= now


def _row(row: Maintenance, now: datetime) -> MaintenanceRow:
    span = next(iter(window(row).spans(now, now + _AHEAD)), None)
    if span is None and not row.cron and row.end:
        span = Span(row.begin, row.end)
    return MaintenanceRow(
        row=row,
        span=span,
        now=span is not None and span.begin <= now < span.end,
        monitors=[monitor.name for monitor in row.monitors.all()],
        lasts=length(span.end - span.begin) if span else "",
    )
