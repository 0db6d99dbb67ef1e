"""Monitors of the demo: outages of 90 days, and the checks of the last days.

They are what monitors of such services would be, but nothing is asked: `due_at` is empty, so that
no worker ever claims one. Whoever resumes or changes one lets it ask its address in earnest.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from applications.models import Application
from ingest.demo_services import payments, search, shop
from ingest.demo_services.plot import plot
from loghandler.outbound.connections import Timings
from monitors import storing, targets
from monitors.models import Monitor, Outage
from monitors.records import CheckRecord, HeartbeatTarget, HttpTarget, Target, TcpTarget, TlsTarget
from monitors.schedules import cron
from monitors.storing import Found
from monitors.verdicts import UP

WATCHED = timedelta(days=90)
_INTERVAL = timedelta(minutes=5)
_OUTAGE = ("status", "Status 503, not 200 to 299")
# Days ago, minutes, and why; the plot's outage of the payments comes to these.
_TIMEOUT, _REFUSED = ("timeout", "No answer within 10 s"), ("refused", "Connection refused")
_REPORTED = ("reported", "Exit status 1")


@dataclass(frozen=True, slots=True)
class _Watched:
    """A monitor, how long its target takes to answer, and when it did not."""

    name: str
    target: Target
    ms: float
    outages: tuple[tuple[float, int, tuple[str, str]], ...] = ()
    tags: tuple[str, ...] = ()
    certificate_days: int | None = None
    every: timedelta = _INTERVAL


_MONITORS = {
    shop.NAME: (
        _Watched(
            "Shop",
            HttpTarget("https://shop.example/", keyword="Add to basket"),
            184,
            ((11.3, 9, _TIMEOUT), (38.6, 4, _OUTAGE), (71.1, 26, _OUTAGE)),
            ("public",),
            61,
        ),
        _Watched(
            "Shop API",
            HttpTarget("https://api.shop.example/health", json_path="state", json_value="ok"),
            47,
            ((25.2, 6, _OUTAGE),),
            ("public", "api"),
            61,
        ),
        _Watched(
            "Nightly stock import",
            HeartbeatTarget(cron="30 2 * * *"),
            0,
            ((19.9, 310, _REPORTED),),
            ("jobs",),
            every=timedelta(days=1),
        ),
    ),
    payments.NAME: (
        _Watched(
            "Payments API",
            HttpTarget("https://payments.example/healthz"),
            92,
            ((52.4, 18, _TIMEOUT),),
            ("public", "api"),
            9,
        ),
        _Watched("Payments database", TcpTarget("db.payments.example", 5_432), 3.2),
    ),
    search.NAME: (
        _Watched("Search", HttpTarget("https://search.example/?q=tea"), 66, ((6.7, 3, _TIMEOUT),)),
        _Watched("Certificate", TlsTarget("search.example"), 38, (), (), 204),
    ),
}


def watch(application: Application, service: str, now: datetime, *, days: int) -> None:
    """Give a service's application its monitors, as if they had been there for 90 days."""
    chance = random.Random(service)  # noqa: S311
    for each in _MONITORS[service]:
        outages = _outages(each, now)
        last = _last(each, now, chance)
        monitor = _monitor(
            application, each, now, max([now - WATCHED, *(o.end for o in outages if o.end)])
        )
        for outage in outages:
            outage.application, outage.monitor = application, monitor
        Outage.objects.bulk_create(outages)
        found = [
            Found(application.pk, monitor.pk, check, _output(each))
            for check in _checks(each, outages, last, timedelta(days=days), chance)
        ]
        storing.keep(found)
        _end_with(monitor, found[0].check)


def _last(each: _Watched, now: datetime, chance: random.Random) -> datetime:
    """A moment ago; of a job a few minutes after cron last started it."""
    target = each.target
    if not isinstance(target, HeartbeatTarget):
        return now - timedelta(seconds=chance.randrange(20, 200))
    minutes = timedelta(minutes=7, seconds=chance.randrange(60))
    started = cron(target.cron, target.zone).following(now - minutes - each.every)
    return started + minutes


def _monitor(application: Application, each: _Watched, now: datetime, since: datetime) -> Monitor:
    kind, target = targets.stored(each.target)
    calls = kind == targets.HEARTBEAT
    return Monitor.objects.create(
        application=application,
        name=each.name,
        kind=kind,
        target=target,
        tags=list(each.tags),
        interval_seconds=int(each.every.total_seconds()),
        retries=0 if calls else 1,
        created_at=now - WATCHED,
        due_at=None,
        state=UP,
        state_since=since,
        ping_key=uuid4() if calls else None,
    )


def _end_with(monitor: Monitor, last: CheckRecord) -> None:
    """It is as its last check found it."""
    calls = monitor.kind == targets.HEARTBEAT
    monitor.checked_at = last.checked_at
    monitor.awaited_from = last.checked_at if calls else None
    monitor.duration_ms = None if calls else last.timings.total
    monitor.certificate_until = last.certificate_until
    monitor.save()


def _outages(each: _Watched, now: datetime) -> list[Outage]:
    """At the whole intervals at which checks are, so that the list of checks tells the same."""
    told = [
        Outage(begin=begin, end=begin + timedelta(minutes=minutes), failure=why[0], words=why[1])
        for ago, minutes, why in each.outages
        for begin in [now - timedelta(days=ago)]
    ]
    if "Payments" in each.name:
        story = plot(now)
        why = _OUTAGE if "API" in each.name else _REFUSED
        told.append(Outage(begin=story.outage, end=story.outage_end, failure=why[0], words=why[1]))
    return told


def _checks(
    each: _Watched,
    outages: list[Outage],
    last: datetime,
    length: timedelta,
    chance: random.Random,
) -> Iterator[CheckRecord]:
    """The last one first."""
    until = last + timedelta(days=each.certificate_days) if each.certificate_days else None
    at = last
    while at > last - length:
        down = next((o for o in outages if o.begin <= at and o.end and at < o.end), None)
        if down:
            yield CheckRecord(at, down.failure, down.words)
        else:
            yield _answered(each, at, until, chance)
        at -= each.every


def _answered(
    each: _Watched, at: datetime, until: datetime | None, chance: random.Random
) -> CheckRecord:
    if isinstance(each.target, HeartbeatTarget):
        return CheckRecord(at)
    ms = each.ms * chance.lognormvariate(0, 0.18) * (4 if chance.random() < 0.004 else 1)
    if isinstance(each.target, TcpTarget):
        return CheckRecord(at, timings=Timings(0.4, ms, None, None, None), address="192.0.2.18")
    timings = Timings(ms * 0.04, ms * 0.12, ms * 0.27, ms * 0.51, ms * 0.06)
    if isinstance(each.target, TlsTarget):
        timings = Timings(ms * 0.1, ms * 0.3, ms * 0.6, None, None)
        return CheckRecord(at, timings=timings, address="192.0.2.7", certificate_until=until)
    return CheckRecord(
        at, timings=timings, status=200, address="192.0.2.7", certificate_until=until
    )


def _output(each: _Watched) -> str | None:
    calls = isinstance(each.target, HeartbeatTarget)
    return "imported 12,408 articles, 31 of them new\nstock is up to date\n" if calls else None
