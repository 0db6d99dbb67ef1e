"""The rows of the list of monitors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.monitor_bars import downtime, outlines
from dashboard.monitor_states import State, days_left, sentence, state, target_in_short
from dashboard.wording import milliseconds, percent
from monitors.models import Monitor
from monitors.targets import kinds
from monitors.uptime import Span, Uptime
from monitors.uptimes import History, histories
from monitors.windows import FOREVER

DAY, MONTH = timedelta(days=1), timedelta(days=30)
BARS = 48
_KIND_WORDS = {**kinds(), "http": "HTTP", "tcp": "TCP", "tls": "TLS", "heartbeat": "Heartbeat"}


@dataclass(frozen=True, slots=True)
class MonitorRow:
    """A monitor, its last day, and how much of 30 days it was up."""

    monitor: Monitor
    state: State
    words: str
    kind: str
    target: str
    paths: Sequence[tuple[str, str]]
    bars_words: str
    day: str
    month: str
    duration: str
    certificate: str
    certificate_tone: str


def monitor_rows(monitors: Sequence[Monitor], now: datetime) -> list[MonitorRow]:
    """The rows of these monitors; few statements, however many they are."""
    found = histories(monitors, Span(now - MONTH, now))
    return [_row(monitor, found[monitor.pk], now) for monitor in monitors]


def first_watched(monitor: Monitor) -> datetime:
    """From when on bars tell of it; of one that was never checked nothing is known."""
    return monitor.created_at if monitor.checked_at else FOREVER


def ratio(uptime: Uptime, monitor: Monitor) -> str:
    if uptime.ratio is None or monitor.checked_at is None:
        return "–"
    return percent(uptime.ratio)


def _row(monitor: Monitor, history: History, now: datetime) -> MonitorRow:
    day = Span(now - DAY, now)
    of_day, of_month = (history.uptime(Span(now - each, now)) for each in (DAY, MONTH))
    certificate, tone = (
        days_left(monitor.certificate_until, now) if monitor.certificate_until else ("", "")
    )
    return MonitorRow(
        monitor=monitor,
        state=state(monitor),
        words=sentence(monitor, now),
        kind=_KIND_WORDS[monitor.kind],
        target=target_in_short(monitor),
        paths=outlines(history, day, BARS, now=now, since=first_watched(monitor)),
        bars_words=f"Last 24 hours: {downtime(of_day)}" if monitor.checked_at else "No check yet",
        day=ratio(of_day, monitor),
        month=ratio(of_month, monitor),
        duration="" if monitor.duration_ms is None else milliseconds(monitor.duration_ms),
        certificate=certificate,
        certificate_tone=tone,
    )
