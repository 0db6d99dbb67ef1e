"""Of whom anything can be found: asked of all at once, so that idle applications cost nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import singledispatch
from uuid import UUID

from django.db import connection
from django.db.models import Min, Q

from alerts.findings import OUTAGES_LAG, REQUESTS_LAG
from alerts.records import (
    CertificateEnds,
    Condition,
    ErrorRate,
    ManyEvents,
    MonitorDown,
    NoEvent,
    SlowRequests,
)
from alerts.seen import OVERLAP
from events.records import moment_of
from monitors.models import Monitor, Outage
from stats.cover import HOUR, MINUTE, floor

# By the primary keys, whose first columns are application and hour: some rows an hour for each.
_EVENTS = """
    SELECT application_id, max(last_id::text COLLATE "C") FROM stats_hourcount
    WHERE application_id = ANY(%s) AND hour >= %s AND n > 0 GROUP BY application_id
"""
_REQUESTS = """
    SELECT application_id, max(hour) FROM stats_traffictotal
    WHERE application_id = ANY(%s) AND hour >= %s AND n > 0 GROUP BY application_id
"""


@dataclass(frozen=True, slots=True)
class Activity:
    """What is known of all applications since a moment, and nothing of before."""

    since: datetime
    events: dict[int, datetime]  # the newest
    requests: dict[int, datetime]  # the end of the newest hour that has any
    outages: set[int]  # that go on, or have ended since
    certificates: dict[int, datetime]  # the first to end
    now: datetime

    def last_event(self, application_id: int) -> datetime:
        """Of one that had none, the moment since which that is known."""
        return self.events.get(application_id, self.since)


def activity(application_ids: Iterable[int], since: datetime, now: datetime) -> Activity:
    ids, hour = sorted(set(application_ids)), floor(since, HOUR)
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS, [ids, hour])
        events = {each: moment_of(UUID(last)) for each, last in cursor.fetchall()}
        cursor.execute(_REQUESTS, [ids, hour])
        requests = {each: last + HOUR for each, last in cursor.fetchall()}
    down = Outage.objects.filter(Q(end=None) | Q(end__gt=since - OUTAGES_LAG))
    ending = Monitor.objects.filter(certificate_until__isnull=False, paused=False).order_by()
    return Activity(
        since,
        events,
        requests,
        set(down.order_by().values_list("application", flat=True).distinct()),
        dict(ending.values_list("application").annotate(Min("certificate_until"))),
        now,
    )


@singledispatch
def may_begin(condition: Condition, application_id: int, cursor: datetime, of: Activity) -> bool:
    """Whether it can begin to hold after the moment up to which it was evaluated."""
    raise TypeError(condition)


@may_begin.register
def _many_events(rule: ManyEvents, application_id: int, cursor: datetime, of: Activity) -> bool:
    return of.last_event(application_id) >= cursor - (rule.minutes + 1) * MINUTE


@may_begin.register
def _no_event(rule: NoEvent, application_id: int, cursor: datetime, of: Activity) -> bool:
    """The last one may have been long ago, or there may be one between two silences."""
    return True


@may_begin.register(ErrorRate)
@may_begin.register(SlowRequests)
def _of_requests(
    rule: ErrorRate | SlowRequests, application_id: int, cursor: datetime, of: Activity
) -> bool:
    newest = of.requests.get(application_id)
    lag = (rule.minutes + 1) * MINUTE + REQUESTS_LAG
    return newest is not None and newest >= cursor - lag


@may_begin.register
def _monitor_down(rule: MonitorDown, application_id: int, cursor: datetime, of: Activity) -> bool:
    return application_id in of.outages


@may_begin.register
def _certificate_ends(
    rule: CertificateEnds, application_id: int, cursor: datetime, of: Activity
) -> bool:
    first = of.certificates.get(application_id)
    return first is not None and first < of.now + timedelta(days=rule.days)


def may_be_new(application_id: int, seen_until: datetime, of: Activity) -> bool:
    """Whether a message may have come since those of before were noted."""
    return of.last_event(application_id) >= seen_until - OVERLAP
