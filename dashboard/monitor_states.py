"""How pages word what is known of a monitor: its state, its target. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.wording import length
from events.display import visible
from loghandler.outbound.http import without_credentials
from monitors import targets
from monitors.models import Monitor
from monitors.records import HeartbeatTarget, HttpTarget, Target, TcpTarget, TlsTarget
from monitors.schedules import number_and_unit
from monitors.verdicts import DOWN, MAINTENANCE, UNKNOWN, UP

PAUSED = "paused"
# In the order of a list: what is down comes first. State → its word, and the shape of its mark.
STATES = {
    DOWN: ("Down", "bad"),
    UNKNOWN: ("Waiting", "new"),
    MAINTENANCE: ("Maintenance", "fair"),
    UP: ("Up", "good"),
    PAUSED: ("Paused", "quiet"),
}
_SOON = timedelta(days=14)  # a certificate's end that is worth a look


@dataclass(frozen=True, slots=True)
class State:
    """A monitor at a glance; `mark` names a shape and a colour."""

    name: str
    word: str
    mark: str


def state(monitor: Monitor) -> State:
    name = PAUSED if monitor.paused else monitor.state
    return State(name, *STATES[name])


def sentence(monitor: Monitor, now: datetime) -> str:
    """`Up for 3 days`, `Down for 12 minutes: Status 500, not 200 to 299`."""
    found = state(monitor)
    if found.name == UNKNOWN:
        calls = monitor.kind == targets.HEARTBEAT
        return "Waiting for its first call" if calls else "Waiting for its first check"
    words = {MAINTENANCE: "In maintenance"}.get(found.name, found.word)
    if monitor.state_since:
        words += f" for {length(now - monitor.state_since)}"
    return f"{words}: {visible(monitor.words)}" if found.name == DOWN else words


def target_in_short(monitor: Monitor) -> str:
    """What is asked, as short as it is still told apart."""
    try:
        return in_short(targets.read(monitor.kind, monitor.target))
    except ValueError:  # of an operator's hand
        return "A target that can't be read"


def in_short(target: Target) -> str:
    if isinstance(target, HttpTarget):
        method = "" if target.method == "GET" else f"{target.method} "
        return method + without_credentials(target.url).partition("://")[2].removesuffix("/")
    if isinstance(target, TcpTarget | TlsTarget):
        return f"{target.host}:{target.port}"
    return schedule_in_short(target)


def schedule_in_short(target: HeartbeatTarget) -> str:
    """`every day`, `every 5 minutes`, `0 3 * * * Europe/Berlin`."""
    if target.cron:
        return f"{target.cron} {target.zone}"
    number, unit = number_and_unit(target.period_seconds)
    return f"every {unit}" if number == 1 else f"every {number} {unit}s"


def days_left(until: datetime, now: datetime) -> tuple[str, str]:
    """Until a certificate ends: `73 days`, and the tone of it."""
    left = until - now
    if left <= timedelta():
        return "expired", "many"
    days = f"{left.days} day{'' if left.days == 1 else 's'}"
    return days, "some" if left < _SOON else ""
