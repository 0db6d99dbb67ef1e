"""What everybody may see of an application's monitors, once somebody has published it.

Names, states, uptimes and when outages were: never a target, a cause or a tag.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from dashboard.monitor_bars import Bar, bars, downtime
from dashboard.monitor_rows import first_watched, ratio
from dashboard.monitor_states import State, state
from dashboard.wording import length, milliseconds
from monitors import maintenance, uptimes
from monitors.models import Maintenance, Monitor, Outage, StatusPage
from monitors.uptime import Span
from monitors.uptimes import History
from monitors.verdicts import DOWN, MAINTENANCE, UP

DAYS = 90
_DAY = timedelta(days=1)
LATELY = 14 * _DAY
MOST_OUTAGES = 50
_ALL_UP = State(UP, "Everything is up", "good")
_NOTHING = State("paused", "Nothing is watched at the moment", "quiet")


@dataclass(frozen=True, slots=True)
class PublicMonitor:
    """One that is shown. `duration` only where response times are."""

    id: int
    name: str
    state: State
    uptime: str
    duration: str
    bars: Sequence[Bar]
    bars_words: str


@dataclass(frozen=True, slots=True)
class PublicSpan:
    """When something was, or will be, and of which of the monitors that are shown."""

    names: str
    begin: str
    end: str  # "" while it goes on
    length: str
    what: str = ""
    now: bool = False


@dataclass(frozen=True, slots=True)
class PublicStatus:
    title: str
    overall: State
    monitors: Sequence[PublicMonitor]
    outages: Sequence[PublicSpan]
    maintenances: Sequence[PublicSpan]
    at: str


def published(address: str) -> StatusPage | None:
    """The page of this address, if everybody may see it."""
    pages = StatusPage.objects.filter(address=address, public=True, application__deleted_at=None)
    return pages.first()


def shown_monitors(page: StatusPage) -> list[Monitor]:
    return list(page.monitors.filter(application=page.application_id).order_by("name"))


def public_status(page: StatusPage, now: datetime) -> PublicStatus:
    monitors = shown_monitors(page)
    histories = uptimes.histories(monitors, Span(now - DAYS * _DAY, now))
    return PublicStatus(
        title=page.title,
        overall=overall([state(monitor) for monitor in monitors]),
        monitors=[
            _monitor(each, histories[each.pk], now, durations=page.durations) for each in monitors
        ],
        outages=_outages(monitors, now),
        maintenances=_maintenances(page, {each.pk: each.name for each in monitors}, now),
        at=_moment(now),
    )


def uptime_of_days(monitor: Monitor, now: datetime) -> str:
    """The part of the page's days that it was up."""
    span = Span(now - DAYS * _DAY, now)
    return ratio(uptimes.histories([monitor], span)[monitor.pk].uptime(span), monitor)


def overall(states: Sequence[State]) -> State:
    """The worst that is true of all of them."""
    watched = [each for each in states if each.name in {UP, DOWN, MAINTENANCE}]
    if not watched:
        return _NOTHING
    down = [each for each in watched if each.name == DOWN]
    if down:
        all_down = len(down) == len(watched)
        many = "Everything is down" if all_down else f"{len(down)} of {len(watched)} down"
        return State(DOWN, many, "bad")
    if any(each.name == MAINTENANCE for each in watched):
        return State(MAINTENANCE, "Maintenance is under way", "fair")
    return _ALL_UP


def _monitor(
    monitor: Monitor, history: History, now: datetime, *, durations: bool
) -> PublicMonitor:
    tomorrow = datetime.combine(now.astimezone(UTC).date() + _DAY, time(), UTC)
    watched = history.uptime(Span(now - DAYS * _DAY, now))
    now_state = state(monitor)
    shown = durations and now_state.name == UP and monitor.duration_ms is not None
    known = watched.ratio is not None and monitor.checked_at
    return PublicMonitor(
        id=monitor.pk,
        name=monitor.name,
        state=now_state,
        uptime=f"{ratio(watched, monitor)} up" if known else "",
        duration=milliseconds(monitor.duration_ms or 0) if shown else "",
        bars=bars(
            history,
            Span(tomorrow - DAYS * _DAY, tomorrow),
            DAYS,
            now=now,
            since=first_watched(monitor),
            zone=UTC,
        ),
        bars_words=f"The last {DAYS} days: {downtime(watched)}",
    )


def _outages(monitors: Sequence[Monitor], now: datetime) -> list[PublicSpan]:
    names = {monitor.pk: monitor.name for monitor in monitors}
    rows = Outage.objects.filter(monitor__in=names).exclude(end__lt=now - LATELY)
    return [
        PublicSpan(
            names=names[row.monitor_id],
            begin=_moment(row.begin),
            end=_moment(row.end) if row.end else "",
            length=length((row.end or now) - row.begin),
        )
        for row in rows[:MOST_OUTAGES]
    ]


def _maintenances(page: StatusPage, names: Mapping[int, str], now: datetime) -> list[PublicSpan]:
    """Windows that are, or begin within two weeks, of what is shown; the next one first."""
    found = []
    rows = Maintenance.objects.filter(application=page.application_id).exclude(end__lte=now)
    for row in rows.prefetch_related("monitors"):
        of_some = {monitor.pk for monitor in row.monitors.all()}
        concerned = [name for id_, name in names.items() if not of_some or id_ in of_some]
        spans = maintenance.window(row).spans(now, now + LATELY)
        if concerned and (span := next(iter(spans), None)):
            found.append((span, row.name, ", ".join(concerned) if of_some else ""))
    return [
        PublicSpan(
            names=of,
            begin=_moment(span.begin),
            end=_moment(span.end),
            length=length(span.end - span.begin),
            what=name,
            now=span.begin <= now,
        )
        for span, name, of in sorted(found)
    ]


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%-d %b %Y, %H:%M} UTC"
