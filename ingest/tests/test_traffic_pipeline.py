"""Requests go the way of events: stored once, counted in every rollup, in one transaction."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from uuid import uuid4

import msgspec
import pytest

from applications.factories import create_application
from ingest import pipeline
from ingest.factories import create_record, create_requests
from ingest.records import Batch
from loghandler import bulk
from stats.models import HourCount, TrafficHour, TrafficMinute, TrafficTotal, TrafficValueHour
from stats.traffic.dimensions import Dimension
from traffic import histograms
from traffic.factories import create_request_record
from traffic.models import Request, UserAgent

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("copies", [1, bulk.FEW])
def test_a_stored_request_is_read_as_it_was_described(copies: int) -> None:
    application = create_application()
    record = create_request_record(
        "/users/42?q=1",
        method="POST",
        status=201,
        duration_ms=12.25,
        hostname="example.com",
        ip_address=ip_address("192.0.2.17"),
        user_agent="curl/8.5.0",
        user_id="ann",
        framework="FastAPI",
        request_bytes=10,
        response_bytes=2_000,
        referrer="https://example.com/from?x=1",
        release="1.4.2",
        environment="production",
        trace_id="abc",
        event_id=uuid4(),
    )
    outcome = pipeline.accept(application.pk, create_requests(*[record] * copies))
    assert len(outcome.requests) == copies
    stored = Request.objects.of(application.pk).identified(outcome.requests[0].id).get()
    told = msgspec.structs.asdict(outcome.requests[0])
    assert stored.agent is not None
    agent = UserAgent.objects.get(number=stored.agent)
    assert agent.text == told.pop("user_agent")
    assert str(told.pop("ip_address")) == stored.ip_address
    assert {name: getattr(stored, name) for name in told} == told


def test_requests_are_counted_in_every_rollup() -> None:
    application = create_application()
    records = [create_request_record("/a", duration_ms=ms) for ms in (1.0, 10.0, 100.0)]
    records += [create_request_record("/a", status=503), create_request_record("/b/7", status=404)]
    pipeline.accept(application.pk, create_requests(*records))
    for rollup in (TrafficMinute, TrafficHour):
        found = rollup.objects.values_list("method", "route", "status", "n")
        assert sorted(found) == [
            ("GET", "/a", 200, 3), ("GET", "/a", 503, 1), ("GET", "/b/{id}", 404, 1),
        ]  # fmt: skip
    assert sorted(TrafficTotal.objects.values_list("status", "n")) == [(200, 3), (404, 1), (503, 1)]
    durations = histograms.counts_of(format(TrafficTotal.objects.get(status=200).durations, "f"))
    assert durations == {histograms.bucket(ms): 1 for ms in (1.0, 10.0, 100.0)}


def test_counts_add_up_over_batches() -> None:
    application = create_application()
    for _ in range(3):
        record = create_request_record(request_bytes=2, response_bytes=5)
        pipeline.accept(application.pk, create_requests(record))
    total = TrafficTotal.objects.get()
    assert (total.n, total.request_bytes, total.response_bytes) == (3, 6, 15)
    assert histograms.counts_of(format(total.durations, "f")) == {histograms.bucket(12.5): 3}


def test_values_are_counted_by_dimension_with_their_errors_and_moments() -> None:
    application = create_application()
    now = datetime.now(UTC).replace(microsecond=0)
    hour = now.replace(minute=0, second=0)
    moments = [min(hour + timedelta(minutes=n), now) for n in (5, 1, 9)]
    records = [
        create_request_record(user_id="ann", occurred_at=moment, status=status)
        for moment, status in zip(moments, (200, 404, 500), strict=True)
    ]
    pipeline.accept(application.pk, create_requests(*records))
    value = TrafficValueHour.objects.get(dimension=Dimension.USER)
    assert (value.value, value.n, value.client_errors, value.server_errors) == ("ann", 3, 1, 1)
    assert (value.first_at, value.last_at) == (min(moments), max(moments))


def test_events_and_requests_of_one_batch_are_stored_together() -> None:
    application = create_application()
    batch = Batch([create_record()], [1], requests=[create_request_record()], request_positions=[0])
    outcome = pipeline.accept(application.pk, batch)
    assert (len(outcome.accepted), len(outcome.requests)) == (1, 1)
    assert HourCount.objects.get().n == TrafficTotal.objects.get().n == 1


def test_a_resent_request_is_stored_once_and_answered_with_its_first_identity() -> None:
    application = create_application()
    record = create_request_record(request_id=uuid4())
    first = pipeline.accept(application.pk, create_requests(record))
    again = pipeline.accept(application.pk, create_requests(record, create_request_record()))
    assert [each.id for each in again.duplicate_requests] == [each.id for each in first.requests]
    assert len(again.requests) == 1
    assert TrafficTotal.objects.get().n == 2


def test_one_poisoned_request_costs_only_itself() -> None:
    application = create_application()
    records = [
        create_request_record(),
        create_request_record("/\ud800", route="/"),
        create_request_record(),
    ]
    outcome = pipeline.accept(application.pk, create_requests(*records))
    assert len(outcome.requests) == 2
    assert [rejection.index for rejection in outcome.rejected] == [1]
    assert TrafficTotal.objects.get().n == 2


def test_requests_of_days_past_find_their_partitions() -> None:
    application = create_application()
    now = datetime.now(UTC)
    records = [
        create_request_record(user_agent="x", occurred_at=now - timedelta(days=days))
        for days in (80, 45, 0)
    ]
    outcome = pipeline.accept(application.pk, create_requests(*records))
    assert len(outcome.requests) == 3
    assert Request.objects.of(application.pk).count() == 3
    assert UserAgent.objects.filter(application=application).count() >= 2
