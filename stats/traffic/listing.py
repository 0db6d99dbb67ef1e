"""Lists requests, newest first: the rollups tell the hours in which what is asked for occurs."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q, QuerySet

from events.records import least_id, moment_of
from stats import asking
from stats.asking import Answer, Asking, asked
from stats.cover import DAY, HOUR, Range, floor
from stats.models import TrafficHour, TrafficValueHour
from stats.traffic.criteria import (
    DIMENSION_COLUMNS,
    ROUTE_COLUMNS,
    Criteria,
    Values,
    status_ranges,
)
from traffic.models import Request, RequestQuerySet

# Seconds, about, after which a page that is not full is answered with how far was looked.
PATIENCE = 1.0
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Page:
    requests: Sequence[Request]
    next: UUID | None  # the request after which the next page begins
    searched_until: datetime | None  # where the page ends before it is full


@asked
def listed(
    application_id: int, criteria: Criteria, *, before: UUID | None = None, limit: int
) -> Asking[Page]:
    """A page of the requests that meet the criteria.

    It is looked for in longer and longer spans of days. Where what is asked for is so rare that
    this takes too long, `searched_until` tells how far was looked, and `next` goes on from there.
    """
    started = None  # looked for ahead, the first ones wait for others
    found: list[Request] = []
    low = high = _end(criteria, before)
    length, since = DAY, criteria.since
    while len(found) <= limit and low > since:
        if started and time.monotonic() - started > PATIENCE:
            return Page(found, least_id(low), low)
        low, high, length = max(floor(low - length, HOUR), since), low, 2 * length
        requests = yield from _within(application_id, criteria, (low, high))
        if requests is not None:
            if before is not None:
                requests = requests.before(before)
            rest = requests.newest_first()[: limit + 1 - len(found)]
            found += yield from asking.objects.steps(rest)
        started = started or time.monotonic()
        if len(found) <= limit and length == 2 * DAY:  # the first day, mostly enough, was not
            since = max(since, _oldest(application_id) or low)
    return Page(found[:limit], found[limit - 1].id if len(found) > limit else None, None)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The requests before and after one in a list; `is_…` whether it is known to be the last."""

    older: UUID | None
    is_oldest: bool
    newer: UUID | None
    is_newest: bool


def neighbours(application_id: int, criteria: Criteria, request: Request) -> Neighbours:
    """What stands beside a request in the list of those that meet the criteria."""
    older = listed(application_id, criteria, before=request.id, limit=1)
    newer, is_newest = _newer(application_id, criteria, request)
    found = older.requests[0].id if older.requests else None
    is_oldest = found is None and older.searched_until is None
    return Neighbours(found, is_oldest, newer, is_newest)


def _newer(application_id: int, criteria: Criteria, request: Request) -> tuple[UUID | None, bool]:
    """The next newer request, looked for as older ones are; and whether there is none."""
    started = time.monotonic()
    high, length = max(criteria.since, floor(request.occurred_at, HOUR)), DAY
    end = _end(criteria, None)
    while high < end:
        if time.monotonic() - started > PATIENCE:
            return None, False
        low, high, length = high, min(high + length, end), 2 * length
        requests = Answer(_within(application_id, criteria, (low, high)))()
        if requests is not None:
            newer = requests.after(request.id).oldest_first().values_list("id", flat=True).first()
            if newer is not None:
                return newer, False
    return None, True


def _end(criteria: Criteria, before: UUID | None) -> datetime:
    end = min(criteria.until, datetime.now(UTC) + MILLISECOND)
    if before is None:
        return end
    try:
        return min(end, moment_of(before) + MILLISECOND)
    except OverflowError:
        return end


def _oldest(application_id: int) -> datetime | None:
    """The hour of the oldest request."""
    hours = TrafficHour.objects.filter(application_id=application_id).order_by("hour")
    return hours.values_list("hour", flat=True).first()


def _within(application_id: int, criteria: Criteria, span: Range) -> Asking[RequestQuerySet | None]:
    """The requests of a span that meet the criteria; None where there can be none."""
    requests = matching(Request.objects.of(application_id), criteria)
    wanted = _rolled_up(criteria.included)
    if not wanted:
        return requests.since(span[0]).until(span[1])
    hours = yield from _hours(application_id, wanted, span)
    spans = _joined(hours)
    if not spans:
        return None
    outer = requests.since(max(spans[-1][0], span[0])).until(min(spans[0][1], span[1]))
    inside = (Q(occurred_at__gte=low, occurred_at__lt=high) for low, high in spans)
    return outer.filter(reduce(or_, inside)) if len(spans) > 1 else outer


def _rolled_up(values: Values) -> Values:
    known = (*ROUTE_COLUMNS, *DIMENSION_COLUMNS)
    return {column: chosen for column, chosen in values.items() if column in known}


def _hours(application_id: int, wanted: Values, span: Range) -> Asking[Sequence[datetime]]:
    """The hours in which each of the values occurs, newest first."""
    among = Q(application_id=application_id, hour__gte=floor(span[0], HOUR), hour__lt=span[1])
    sources: list[QuerySet[TrafficHour] | QuerySet[TrafficValueHour]] = [
        TrafficValueHour.objects.filter(
            among, dimension=DIMENSION_COLUMNS[column], value__in=chosen, n__gt=0
        )
        for column, chosen in wanted.items()
        if column in DIMENSION_COLUMNS
    ]
    of_routes = {column: chosen for column, chosen in wanted.items() if column in ROUTE_COLUMNS}
    if of_routes:
        sources.append(TrafficHour.objects.filter(among, chosen_by(of_routes), n__gt=0))
    hours: list[set[datetime]] = []
    for source in sources:
        found = yield from asking.values.steps(source.values_list("hour").distinct())
        hours.append({hour for (hour,) in found})
    return sorted(set.intersection(*hours), reverse=True)


def _joined(hours: Iterable[datetime]) -> list[Range]:
    """Hours, newest first, as spans."""
    spans: list[Range] = []
    for hour in hours:
        if spans and spans[-1][0] == hour + HOUR:
            spans[-1] = (hour, spans[-1][1])
        else:
            spans.append((hour, hour + HOUR))
    return spans


def matching(requests: RequestQuerySet, criteria: Criteria) -> RequestQuerySet:
    """Of some requests those that meet the criteria, whatever their time."""
    requests = requests.filter(chosen_by(criteria.included))
    for column, values in criteria.excluded.items():
        requests = requests.exclude(chosen_by({column: values}))
    if criteria.text:
        requests = requests.filter(path__icontains=criteria.text)
    if criteria.least_ms is not None:
        requests = requests.filter(duration_ms__gte=criteria.least_ms)
    if criteria.most_ms is not None:
        requests = requests.filter(duration_ms__lte=criteria.most_ms)
    return requests


def chosen_by(values: Values) -> Q:
    """The condition that each column has one of its values."""
    condition = Q()
    for column, chosen in values.items():
        if column == "status":
            condition &= reduce(or_, (Q(status__range=each) for each in status_ranges(chosen)))
        else:
            condition &= Q(**{f"{column}__in": chosen})
    return condition
