"""What rules look for and where channels send to, as sentences."""

from collections.abc import Mapping
from functools import singledispatch

from alerts.records import (
    Address,
    Apprise,
    CertificateEnds,
    Condition,
    Email,
    ErrorRate,
    ManyEvents,
    MonitorDown,
    NewMessage,
    NoEvent,
    ReturnedMessage,
    SlowRequests,
    Webhook,
)
from dashboard.wording import enumeration, milliseconds

MOST_NAMED = 3


@singledispatch
def sentence(condition: Condition, monitors: Mapping[int, str]) -> str:
    """`monitors`: names by id, of those that a condition may name."""
    raise TypeError(condition)


@sentence.register
def _new_message(rule: NewMessage, monitors: Mapping[int, str]) -> str:
    return f"A message {_of(rule.level, rule.contains)} is seen for the first time"


@sentence.register
def _returned_message(rule: ReturnedMessage, monitors: Mapping[int, str]) -> str:
    message = f"A message {_of(rule.level, rule.contains)}"
    return f"{message} is seen again after {_count(rule.days, 'day')} of silence"


@sentence.register
def _many_events(rule: ManyEvents, monitors: Mapping[int, str]) -> str:
    events = f"More than {rule.more_than:,} events {_of(rule.level, rule.contains)}"
    return f"{events} within {_count(rule.minutes, 'minute')}"


@sentence.register
def _no_event(rule: NoEvent, monitors: Mapping[int, str]) -> str:
    return f"No event for {_count(rule.minutes, 'minute')}"


@sentence.register
def _error_rate(rule: ErrorRate, monitors: Mapping[int, str]) -> str:
    return f"More than {rule.percent:g} % of requests fail for {_count(rule.minutes, 'minute')}"


@sentence.register
def _slow_requests(rule: SlowRequests, monitors: Mapping[int, str]) -> str:
    return f"The p95 is above {milliseconds(rule.p95_ms)} for {_count(rule.minutes, 'minute')}"


@sentence.register
def _monitor_down(rule: MonitorDown, monitors: Mapping[int, str]) -> str:
    return f"{_named(rule.monitors, monitors)} is down, and when it is up again"


@sentence.register
def _certificate_ends(rule: CertificateEnds, monitors: Mapping[int, str]) -> str:
    of = _named(rule.monitors, monitors) if rule.monitors else "any monitor"
    return f"The certificate of {of} ends within {_count(rule.days, 'day')}"


@singledispatch
def destination(address: Address) -> str:
    """Where to, without what is secret in it."""
    raise TypeError(address)


@destination.register
def _email(address: Email) -> str:
    return _cut(list(address.to))


@destination.register
def _webhook(address: Webhook) -> str:
    """Its path and query may be what opens it."""
    scheme, _, rest = address.url.partition("://")
    host = rest.partition("/")[0].rpartition("@")[2]
    return f"{scheme}://{host}/…" if "/" in rest else f"{scheme}://{host}"


@destination.register
def _apprise(address: Apprise) -> str:
    return f"{address.url.partition('://')[0]}://…"


def _of(level: str, contains: str) -> str:
    of = f"of {level}" if level == "CRITICAL" else f"of {level} and above"
    return f"{of} with “{contains}”" if contains else of


def _count(number: int, unit: str) -> str:
    return f"a {unit}" if number == 1 else f"{number} {unit}s"


def _named(ids: tuple[int, ...], names: Mapping[int, str]) -> str:
    known = sorted(names[each] for each in ids if each in names)
    return _cut(known, "or") if known else "Any monitor" if not ids else "A monitor that is gone"


def _cut(names: list[str], last: str = "and") -> str:
    more = len(names) - MOST_NAMED
    if more > 0:
        return f"{', '.join(names[:MOST_NAMED])} {last} {more} more"
    return enumeration(names) if last == "and" else f" {last} ".join(names)
