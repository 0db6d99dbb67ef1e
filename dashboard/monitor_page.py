"""What the page of one monitor tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from dashboard import ranges
from dashboard.list_addresses import ListAddresses
from dashboard.monitor_bars import Bar, bars, downtime
from dashboard.monitor_chart import StepChart
from dashboard.monitor_chart import response_times as chart_of
from dashboard.monitor_rows import first_watched, ratio
from dashboard.wording import length, milliseconds
from events.display import visible
from monitors import parameters, response_times, uptimes
from monitors.models import Check, Monitor, Outage
from monitors.targets import HEARTBEAT
from monitors.uptime import Span
from monitors.uptimes import History
from stats.cover import HOUR, floor

MOST_OUTAGES = 50


@dataclass(frozen=True, slots=True)
class Range:
    """A range of the page, and the parts of equal length that it is shown in."""

    name: str
    words: str
    length: timedelta
    step: timedelta

    def span(self, now: datetime) -> Span:
        """Whole steps of UTC, or whole hours, the last one of them not over yet."""
        unit = min(self.step, HOUR)
        end = floor(now, unit) + unit
        return Span(end - self.length, end)


RANGES = {
    name: Range(name, ranges.RANGES[name].words, *lengths)
    for name, lengths in parameters.RANGES.items()
}


@dataclass(frozen=True, slots=True)
class Tile:
    """How much of a range it was up."""

    label: str
    figure: str
    words: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a check's time; `x` and `width` in percent."""

    name: str
    words: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class OutageRow:
    outage: Outage
    length: str
    words: str
    events: str
    traffic: str


@dataclass(frozen=True, slots=True)
class MonitorPage:
    tiles: Sequence[Tile]
    bars: Sequence[Bar]
    bars_words: str
    chart: StepChart | None
    checks: str
    timings: Sequence[Part]
    outages: Sequence[OutageRow]


def monitor_page(monitor: Monitor, shown: Range, now: datetime) -> MonitorPage:
    history = uptimes.histories([monitor], Span(now - uptimes.RANGES["90 days"], now))[monitor.pk]
    span = shown.span(now)
    chart, told = _durations(monitor, shown, span, now)
    return MonitorPage(
        tiles=_tiles(monitor, history, now),
        bars=bars(
            history,
            span,
            shown.length // shown.step,
            now=now,
            since=first_watched(monitor),
            zone=timezone.get_current_timezone(),
        ),
        bars_words=f"The last {shown.words}: {downtime(history.uptime(Span(span.begin, now)))}",
        chart=chart,
        checks=told,
        timings=_last_timings(monitor),
        outages=_outages(monitor, span, now),
    )


def _tiles(monitor: Monitor, history: History, now: datetime) -> list[Tile]:
    found = uptimes.uptimes(history, now)
    if monitor.checked_at is None:
        return [Tile(name, "–", "") for name in found]
    return [Tile(name, ratio(each, monitor), downtime(each)) for name, each in found.items()]


def _durations(
    monitor: Monitor, shown: Range, span: Span, now: datetime
) -> tuple[StepChart | None, str]:
    """The chart, and how many checks there were; of jobs only the latter is known."""
    found = response_times.steps(monitor, span, shown.step)
    total = response_times.total(found)
    named = "call" if monitor.kind == HEARTBEAT else "check"
    words = f"{total.checks:,} {named}{'' if total.checks == 1 else 's'}"
    if total.failures:
        words += f", {total.failures:,} of them failed"
    return chart_of(found, shown.step, now), words


def _last_timings(monitor: Monitor) -> list[Part]:
    """The last check's time, part by part; nothing where it took none."""
    checks = Check.objects.filter(application=monitor.application_id, monitor=monitor)
    last = checks.order_by("-checked_at").first()
    if last is None or last.connect_ms is None:
        return []
    named = {
        "DNS": last.dns_ms,
        "Connect": last.connect_ms,
        "TLS": last.tls_ms,
        "First byte": last.first_byte_ms,
        "Body": last.body_ms,
    }
    taken = {name: ms for name, ms in named.items() if ms is not None}
    total = sum(taken.values()) or 1.0
    parts, x = [], 0.0
    for name, ms in taken.items():
        width = ms * 100 / total
        parts.append(Part(name, milliseconds(ms), round(x, 2), round(width, 2)))
        x += width
    return parts


def _outages(monitor: Monitor, span: Span, now: datetime) -> list[OutageRow]:
    rows = Outage.objects.filter(monitor=monitor, begin__lt=span.end).exclude(end__lte=span.begin)
    return [_outage(row, now) for row in rows[:MOST_OUTAGES]]


def _outage(outage: Outage, now: datetime) -> OutageRow:
    lasted = (outage.end or now) - outage.begin
    events, traffic = (
        ListAddresses(reverse(f"dashboard:{name}", args=[outage.application_id])).within(
            *outage.around(now)
        )
        for name in ("application", "traffic")
    )
    return OutageRow(outage, length(lasted), visible(outage.words), events, traffic)
