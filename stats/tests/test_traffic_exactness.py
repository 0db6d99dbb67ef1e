"""The traffic's figures equal what the requests say, whatever was sent, closed and deleted."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from applications.factories import create_application
from applications.models import Application
from ingest import pipeline
from ingest.factories import create_requests
from loghandler import partitions
from stats.buckets import Interval, bucket_starts
from stats.models import TrafficHour, TrafficMinute, TrafficTotal, TrafficValueHour
from stats.traffic import block_writing, blocks, closing, deletions, rebuilding, users
from stats.traffic.breakdowns import Breakdown, breakdown, breakdowns
from stats.traffic.courses import by_hour_of_week, courses
from stats.traffic.criteria import Criteria
from stats.traffic.dimensions import Dimension
from stats.traffic.listing import listed
from stats.traffic.measures import (
    CLASSES,
    Measure,
    by_bucket,
    by_route,
    by_status,
    statuses_by_bucket,
    total,
)
from stats.traffic.users import distinct_users, distinct_users_by_bucket
from traffic.models import Request
from traffic.records import RequestRecord

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 28, tzinfo=UTC)  # a weekend of daylight saving in Warsaw
END = START + timedelta(days=3)
NOW = END + timedelta(hours=7, minutes=30)
BORDERS = [START + timedelta(hours=h, minutes=m) for h, m in ((18, 15), (18, 30), (23, 0), (24, 0))]


def moment(random: Random) -> datetime:
    """Anywhere in three days, or near a border."""
    if random.random() < 0.5:
        return START + timedelta(milliseconds=random.randrange(3 * 86_400_000))
    return random.choice(BORDERS) + timedelta(minutes=random.randint(-30, 30))


def record(random: Random) -> RequestRecord:
    return RequestRecord(
        method=random.choice(["GET", "GET", "POST"]),
        path=random.choice(["/a", "/users/7", "/users/8", "/v2/b"]),
        status=random.choice([200, 200, 204, 301, 404, 500, 503, 0]),
        duration_ms=random.choice([0, 1, 12.5, 13, 400, 90_000]),
        occurred_at=moment(random),
        request_bytes=random.choice([None, 0, 10]),
        response_bytes=random.choice([None, 2_000]),
        user_id=random.choice([None, "ann", "bob", "cy", "di"]),
        hostname=random.choice([None, "a.example", "b.example"]),
        user_agent=random.choice([None, "curl/8", "Wget/1"]),
    )


def batches(random: Random) -> list[list[RequestRecord]]:
    return [
        [record(random) for _ in range(random.randrange(12))] for _ in range(random.randrange(2, 8))
    ]


seeds = st.integers(0, 2**32).map(Random)
zones = st.sampled_from(["UTC", "Europe/Warsaw", "Asia/Kolkata", "Asia/Kathmandu"]).map(ZoneInfo)
CHOICES: list[dict[str, Any]] = [
    {},
    {},
    {"included": {"status": [2, 404]}},
    {"included": {"method": ["POST"], "route": ["/users/{id}", "/a"]}},
    {"excluded": {"status": [5], "route": ["/a"]}},
    {"included": {"hostname": ["a.example"]}},
    {"excluded": {"user": ["ann", "bob"]}},
    {"included": {"client": ["curl"], "status": [2, 5]}, "excluded": {"hostname": ["b.example"]}},
    {"text": "USERS"},
    {"least_ms": 12.5, "most_ms": 500},
]


@pytest.fixture(scope="module", autouse=True)
def _partitions(django_db_setup: None, django_db_blocker: Any) -> None:
    """Once, not healed in each of the many examples."""
    with django_db_blocker.unblock():
        partitions.ensure(*(START.date() + timedelta(days=n) for n in range(-1, 5)))


def is_chosen(request: Request, criteria: Criteria) -> bool:
    def has(column: str, values: Iterable[Any]) -> bool:
        found = getattr(request, column)
        if column == "status":
            return any(found == value or found // 100 == value for value in values)
        return found in values

    return (
        criteria.since <= request.occurred_at < criteria.until
        and all(has(column, values) for column, values in criteria.included.items())
        and not any(has(column, values) for column, values in criteria.excluded.items())
        and criteria.text.lower() in request.path.lower()
        and (criteria.least_ms is None or request.duration_ms >= criteria.least_ms)
        and (criteria.most_ms is None or request.duration_ms <= criteria.most_ms)
    )


def measured(requests: Iterable[Request]) -> Measure:
    listed = list(requests)
    classes = Counter(min(one.status // 100, 5) for one in listed)
    return Measure(
        len(listed),
        {class_: classes[class_] for class_ in CLASSES},
        sum(one.request_bytes or 0 for one in listed),
        sum(one.response_bytes or 0 for one in listed),
        dict(Counter(one.bucket for one in listed)),
    )


def grouped(requests: Iterable[Request], key: Callable[[Request], Any]) -> dict[Any, list[Request]]:
    groups: dict[Any, list[Request]] = {}
    for request in requests:
        groups.setdefault(key(request), []).append(request)
    return groups


class TestExactness(TestCase):
    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        seeds.map(batches),
        seeds,
        st.just((START, END))
        | st.just((START, END))
        | st.tuples(seeds.map(moment), seeds.map(moment)),
        st.sampled_from([Interval.DAY, Interval.DAY, *Interval]),
        zones,
        st.sampled_from(CHOICES),
        st.sampled_from([None, None, {"before": START + timedelta(hours=30)}, {"user": "ann"}]),
    )
    def test_figures_equal_the_requests(
        self,
        sent: list[list[RequestRecord]],
        closing_days: Random,
        asked: tuple[datetime, datetime],
        interval: Interval,
        zone: ZoneInfo,
        choice: dict[str, Any],
        deleted: dict[str, Any] | None,
    ) -> None:
        application, other = create_application(), create_application()
        with time_machine.travel(NOW, tick=False), patch.object(users, "FEW", 2):
            for number, batch in enumerate(sent):
                if number == len(sent) // 2:  # what comes after opens some of them again
                    close_some(closing_days)
                for receiver in (application, other):
                    pipeline.accept(receiver.pk, create_requests(*batch))
            if deleted:
                sum(deletions.batches(application.pk, **deleted))
                assert Request.objects.of(other.pk).count() == sum(map(len, sent))
            close_some(closing_days)
            since, until = min(asked), max(asked) + timedelta(milliseconds=1)
            if interval == Interval.MINUTE:
                until = min(until, since + timedelta(hours=30))
            criteria = Criteria(since, until, **choice)
            check_measures(application, criteria, interval, zone)
            check_users(application, criteria, interval, zone)
            check_breakdowns(application, criteria)
            check_list(application, criteria)
            before = rollups()
            for day in rebuilding.days():
                rebuilding.rebuild(day)
            assert rollups() == before


def close_some(random: Random) -> None:
    for number in range(3):
        if random.random() < 0.7:
            closing.close(START.date() + timedelta(days=number))
    for application_id, plan in blocks.all_planned(START, END).items():
        for hour in plan.open:
            if random.random() < 0.1:
                block_writing.write_hour(application_id, hour)


def chosen(application: Application, criteria: Criteria) -> list[Request]:
    requests = Request.objects.of(application.pk)
    return [request for request in requests if is_chosen(request, criteria)]


def buckets(requests: Iterable[Request], starts: Sequence[datetime]) -> list[list[Request]]:
    found: list[list[Request]] = [[] for _ in starts]
    for request in requests:
        found[bisect_right(starts, request.occurred_at) - 1].append(request)
    return found


def check_measures(
    application: Application, criteria: Criteria, interval: Interval, zone: ZoneInfo
) -> None:
    requests = chosen(application, criteria)
    assert total(application.pk, criteria) == measured(requests)
    assert by_route(application.pk, criteria) == {
        route: measured(group)
        for route, group in grouped(requests, lambda one: (one.method, one.route)).items()
    }
    assert by_status(application.pk, criteria) == Counter(one.status for one in requests)
    starts = bucket_starts(criteria.since, criteria.until, interval, zone)
    by_minute = interval == Interval.MINUTE
    found = by_bucket(application.pk, criteria, starts, by_minute=by_minute)
    assert found == [measured(group) for group in buckets(requests, starts)]
    without = by_bucket(application.pk, criteria, starts, by_minute=by_minute, durations=False)
    assert without == [replace(one, durations={}) for one in found]
    statuses = statuses_by_bucket(application.pk, criteria, starts, by_minute=by_minute)
    groups = buckets(requests, starts)
    assert [one.by_status for one in statuses] == [
        Counter(request.status for request in group) for group in groups
    ]
    assert [one.by_class for one in statuses] == [one.by_class for one in found]
    check_courses(application, criteria, starts, by_minute=by_minute)
    if zone.key in {"UTC", "Europe/Warsaw"}:  # hours of others begin within those of UTC
        hours = Counter(
            (at.isoweekday(), at.hour)
            for at in (one.occurred_at.astimezone(zone) for one in requests)
        )
        assert by_hour_of_week(application.pk, criteria, zone) == hours


def check_courses(
    application: Application, criteria: Criteria, starts: Sequence[datetime], *, by_minute: bool
) -> None:
    requests = chosen(application, criteria)
    found = courses(application.pk, criteria, starts, by_minute=by_minute)
    assert found == {
        route: list(map(len, buckets(group, starts)))
        for route, group in grouped(requests, lambda one: (one.method, one.route)).items()
    }
    some = courses(application.pk, criteria, starts, by_minute=by_minute, routes=["/a"])
    assert {route: n for route, n in some.items() if route[1] == "/a"} == {
        route: n for route, n in found.items() if route[1] == "/a"
    }


def check_users(
    application: Application, criteria: Criteria, interval: Interval, zone: ZoneInfo
) -> None:
    requests = [request for request in chosen(application, criteria) if request.user]
    assert distinct_users(application.pk, criteria) == len({one.user for one in requests})
    starts = bucket_starts(criteria.since, criteria.until, interval, zone)
    by_minute = interval == Interval.MINUTE
    found = distinct_users_by_bucket(application.pk, criteria, starts, by_minute=by_minute)
    groups = buckets(requests, starts)
    assert found == [len({one.user for one in group}) for group in groups]


def check_breakdowns(application: Application, criteria: Criteria) -> None:
    requests = chosen(application, criteria)
    for dimension in Dimension:
        told = [one for one in requests if getattr(one, dimension.column) is not None]
        found = breakdown(application.pk, criteria, dimension, limit=100)
        counts = Counter(getattr(one, dimension.column) for one in told)
        assert [(value.value, value.requests) for value in found.values] == sorted(
            counts.items(), key=lambda pair: (-pair[1], pair[0])
        )
        assert found.distinct == len(counts)
        moments = grouped(told, lambda one: getattr(one, dimension.column))  # noqa: B023
        assert {value.value: (value.first_at, value.last_at) for value in found.values} == {
            each: (min(one.occurred_at for one in group), max(one.occurred_at for one in group))
            for each, group in moments.items()
        }
        assert sum(value.client_errors for value in found.values) == sum(
            400 <= one.status < 500 for one in told
        )
        assert sum(value.server_errors for value in found.values) == sum(
            one.status >= 500 for one in told
        )

    limits = {dimension: 1 + dimension % 3 for dimension in Dimension}
    several = breakdowns(application.pk, criteria, limits)
    for dimension in Dimension:
        found = breakdown(application.pk, criteria, dimension, limit=limits[dimension])
        assert _without_moments(several[dimension]) == _without_moments(found)


def _without_moments(found: Breakdown) -> Breakdown:
    values = [replace(value, first_at=None, last_at=None) for value in found.values]
    return replace(found, values=values)


def check_list(application: Application, criteria: Criteria) -> None:
    newest_first = sorted(
        chosen(application, criteria), key=lambda one: (one.occurred_at, one.id), reverse=True
    )
    found: list[Request] = []
    before = None
    while True:
        page = listed(application.pk, criteria, before=before, limit=3)
        found += page.requests
        if page.next is None:
            break
        before = page.next
    assert found == newest_first


def rollups() -> list[Any]:
    """What is counted, by the minute for as long as that is kept."""
    tables = (TrafficHour, TrafficTotal, TrafficValueHour)
    kept = TrafficMinute.objects.filter(minute__gte=END - timedelta(days=2))
    return [
        sorted(rows.values_list()) for rows in (kept, *(table.objects.all() for table in tables))
    ]
