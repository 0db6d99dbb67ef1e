"""What rules find in a span of time: the same for evaluation and preview.

Each kind of condition is asked for what begins or goes on in the span. Who evaluates keeps what was
told already, by its subject.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import singledispatch
from itertools import accumulate
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q

from alerts import minutes, saying, seen
from alerts.minutes import Minute
from alerts.records import (
    CertificateEnds,
    Condition,
    ErrorRate,
    ManyEvents,
    MonitorDown,
    NoEvent,
    SlowRequests,
)
from alerts.spells import lasting, spells, sums
from applications.models import Application
from events.records import LEVELS
from monitors.models import Monitor, Outage
from stats.cover import MINUTE, floor

# Clients send requests in batches of a minute.
EVENTS_LAG, REQUESTS_LAG = seen.OVERLAP, timedelta(minutes=2)
# An outage is stored when the last of its retries has failed, and has begun with the first.
OUTAGES_LAG = timedelta(minutes=10)
# What the page of an alert shows before and after its beginning
AROUND = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a rule tells of. Of one subject it tells once."""

    subject: str
    begin: datetime
    end: datetime | None
    title: str
    text: str
    path: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """Of whom, and of when. `open_since`: since when it is known to hold, if it does.

    `made`: what was over before is not told, for there was no rule.
    """

    application: Application
    since: datetime
    until: datetime
    made: datetime
    open_since: datetime | None = None

    @property
    def path(self) -> str:
        return f"/applications/{self.application.pk}/"


@singledispatch
def findings(condition: Condition, asked: Asked) -> list[Finding]:
    """Of all kinds but those of messages, which `messages.py` finds."""
    raise TypeError(condition)


@singledispatch
def finished(condition: Condition, now: datetime) -> datetime:
    """Up to when all that a condition looks at is stored."""
    return now


@finished.register
def _of_certificates(condition: CertificateEnds, now: datetime) -> datetime:
    return floor(now, MINUTE)  # nothing is lost by waiting


@finished.register(ManyEvents)
@finished.register(NoEvent)
def _of_events(condition: ManyEvents | NoEvent, now: datetime) -> datetime:
    return floor(now - EVENTS_LAG, MINUTE)


@finished.register(ErrorRate)
@finished.register(SlowRequests)
def _of_requests(condition: ErrorRate | SlowRequests, now: datetime) -> datetime:
    return floor(now - REQUESTS_LAG, MINUTE)


@singledispatch
def readable_since(condition: Condition, asked: Asked, most_rows: int) -> datetime:
    """From when on what a condition looks at is kept, and found in so many rows, about."""
    return asked.since


@readable_since.register
def _since_rows(rule: ManyEvents, asked: Asked, most_rows: int) -> datetime:
    if not rule.contains:
        return asked.since
    application_id = asked.application.pk
    return saying.readable_since(application_id, rule, asked.since, asked.until, most_rows)


@readable_since.register(ErrorRate)
@readable_since.register(SlowRequests)
def _since_minutes(rule: ErrorRate | SlowRequests, asked: Asked, most_rows: int) -> datetime:
    return max(asked.since, minutes.requests_kept_since(asked.until))


# --- Events ----------------------------------------------------------------------------------


@findings.register
def _many_events(rule: ManyEvents, asked: Asked) -> list[Finding]:
    begin = asked.since - 2 * rule.minutes * MINUTE
    totals = sums(_counts(rule, asked.application.pk, begin, asked.until), rule.minutes)
    levels = [level for level, number in LEVELS.items() if number >= LEVELS[rule.level]]

    def told(at: int) -> tuple[str, str, dict[str, Any]]:
        count, level = totals[at], f"{rule.level} and above"
        text = f" with “{rule.contains}”" if rule.contains else ""
        title = f"{count:,} events of {level}{text} within {_minutes(rule.minutes)}"
        bound = f"The rule’s bound is {rule.more_than:,}."
        return title, bound, {"events": count, "minutes": rule.minutes}

    filters = {"level": levels, **({"q": rule.contains} if rule.contains else {})}
    held = [total > rule.more_than for total in totals]
    page = _Page(asked.path, filters)
    return _lasting(asked, begin, held, rule.minutes, rule.minutes, told, page)


def _counts(rule: ManyEvents, application_id: int, since: datetime, until: datetime) -> list[int]:
    if rule.contains:
        return saying.counted(application_id, rule, since, until)
    return minutes.events(application_id, since, until, LEVELS[rule.level])


@findings.register
def _no_event(rule: NoEvent, asked: Asked) -> list[Finding]:
    begin = asked.since - (rule.minutes + 1) * MINUTE
    counts = minutes.events(asked.application.pk, begin, asked.until, 0)
    # An alert that goes on tells of events, too, when none of them is kept any more.
    said = asked.open_since is not None or minutes.had_events(asked.application.pk, begin)
    ever = accumulate(counts, lambda before, count: before or count > 0, initial=said)
    next(ever)
    totals = sums(counts, rule.minutes)

    def told(at: int) -> tuple[str, str, dict[str, Any]]:
        title = f"no event for {_minutes(rule.minutes)}"
        last = begin + (at + 1 - rule.minutes) * MINUTE
        text = f"The last one came before {last:%-d %B, %H:%M} UTC."
        return title, text, {"minutes": rule.minutes}

    held = [total == 0 and once for total, once in zip(totals, ever, strict=True)]
    return _lasting(asked, begin, held, rule.minutes, 1, told, _Page(asked.path))


# --- Requests --------------------------------------------------------------------------------


@findings.register
def _error_rate(rule: ErrorRate, asked: Asked) -> list[Finding]:
    def bad(minute: Minute) -> bool:
        return minute.failed * 100 > rule.percent * minute.requests

    def told(window: Sequence[Minute]) -> tuple[str, str, dict[str, Any]]:
        asked_for, failed = (sum(each[n] for each in window) for n in (0, 1))
        percent = 100 * failed / asked_for
        title = f"{percent:.3g} % of requests fail"
        text = f"{failed:,.0f} of {asked_for:,.0f} within {_minutes(rule.minutes)}."
        return title, text, {"percent": round(percent, 3), "requests": asked_for}

    return _of_traffic(rule, asked, minutes.requests, bad, told)


@findings.register
def _slow_requests(rule: SlowRequests, asked: Asked) -> list[Finding]:
    def bad(minute: Minute) -> bool:
        return minute.p95 > rule.p95_ms

    def told(window: Sequence[Minute]) -> tuple[str, str, dict[str, Any]]:
        worst = max(minute.p95 for minute in window)
        title = f"requests are slow: p95 up to {worst:,.0f} ms"
        text = f"Above {rule.p95_ms:,.0f} ms in each of {_minutes(rule.minutes)}."
        return title, text, {"p95_ms": round(worst, 1)}

    return _of_traffic(rule, asked, minutes.durations, bad, told)


def _of_traffic(
    rule: ErrorRate | SlowRequests,
    asked: Asked,
    read: Callable[[int, datetime, datetime], list[Minute]],
    bad: Callable[[Minute], bool],
    told: Callable[[Sequence[Minute]], tuple[str, str, dict[str, Any]]],
) -> list[Finding]:
    width = rule.minutes
    begin = asked.since - 2 * width * MINUTE
    found = read(asked.application.pk, begin, asked.until)
    enough = [total >= rule.least_requests for total in sums([m.requests for m in found], width)]
    all_bad = lasting([minute.requests > 0 and bad(minute) for minute in found], width)
    held = [each and many for each, many in zip(all_bad, enough, strict=True)]

    def told_at(at: int) -> tuple[str, str, dict[str, Any]]:
        return told(found[max(0, at + 1 - width) : at + 1])

    return _lasting(asked, begin, held, width, width, told_at, _Page(f"{asked.path}traffic/"))


@dataclass(frozen=True, slots=True)
class _Page:
    """A page that shows a part of time."""

    path: str
    filters: Mapping[str, Any] = field(default_factory=dict)

    def around(self, moment: datetime) -> str:
        span = {"since": moment - AROUND, "until": moment + AROUND}
        times = {name: f"{each:%Y-%m-%dT%H:%MZ}" for name, each in span.items()}
        return f"{self.path}?{urlencode(times | dict(self.filters), doseq=True)}"


def _lasting(
    asked: Asked,
    begin: datetime,
    held: Sequence[bool],
    width: int,
    rest: int,
    told: Callable[[int], tuple[str, str, dict[str, Any]]],
    page: _Page,
) -> list[Finding]:
    """The spells of what held by minute from `begin` on; the first sums are of too few minutes."""
    ends = [(begin + (n + 1) * MINUTE, each) for n, each in enumerate(held)][width - 1 :]
    found = []
    for spell in spells(ends, rest, asked.since, asked.open_since):
        at = (spell.begin - begin) // MINUTE - 1
        title, text, facts = told(at) if at >= 0 else ("", "", {})
        subject = f"since:{spell.begin:%Y-%m-%dT%H:%M}"
        path = page.around(spell.begin)
        found.append(Finding(subject, spell.begin, spell.end, title, text, path, facts))
    return found


# --- Monitors --------------------------------------------------------------------------------


@findings.register
def _monitor_down(rule: MonitorDown, asked: Asked) -> list[Finding]:
    outages = Outage.objects.filter(
        Q(end=None) | Q(end__gt=max(asked.made, asked.since - OUTAGES_LAG)),
        application=asked.application,
        begin__lt=asked.until,
    )
    if rule.monitors:
        outages = outages.filter(monitor__in=rule.monitors)
    return [
        Finding(
            f"outage:{outage.pk}",
            outage.begin,
            outage.end,
            f"{outage.monitor.name} is down",
            outage.words,
            f"{asked.path}monitors/{outage.monitor_id}/",
            {"monitor": outage.monitor.name, "failure": outage.failure, "words": outage.words},
        )
        for outage in outages.select_related("monitor").order_by("begin", "pk")
    ]


@findings.register
def _certificate_ends(rule: CertificateEnds, asked: Asked) -> list[Finding]:
    bound = asked.until + timedelta(days=rule.days)
    monitors = Monitor.objects.filter(
        application=asked.application, paused=False, certificate_until__lt=bound
    )
    if rule.monitors:
        monitors = monitors.filter(pk__in=rule.monitors)
    return [_certificate(monitor, rule, asked) for monitor in monitors]


def _certificate(monitor: Monitor, rule: CertificateEnds, asked: Asked) -> Finding:
    until = monitor.certificate_until
    assert until is not None
    return Finding(
        f"certificate:{monitor.pk}:{until:%Y-%m-%d}",
        max(asked.since, until - timedelta(days=rule.days)),
        None,
        f"the certificate of {monitor.name} {_when(until - asked.until)}",
        f"It is valid until {until:%-d %B %Y, %H:%M} UTC.",
        f"{asked.path}monitors/{monitor.pk}/",
        {"monitor": monitor.name, "until": until.isoformat()},
    )


def _when(left: timedelta) -> str:
    if left < timedelta(0):
        return "has ended"
    if left.days < 1:
        return "ends within a day"
    return "ends in 1 day" if left.days == 1 else f"ends in {left.days} days"


def _minutes(count: int) -> str:
    return "a minute" if count == 1 else f"{count} minutes"
