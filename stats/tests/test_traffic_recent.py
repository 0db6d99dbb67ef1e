"""The requests of the last 24 clock hours of several applications are those of the rows."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from applications.factories import create_application
from ingest import pipeline
from ingest.factories import create_requests
from stats.traffic.recent import any_recent, recent
from traffic.factories import create_request_record

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
FIRST = datetime(2026, 11, 20, 11, tzinfo=UTC)  # 24 hours, the current one the last


def test_requests_errors_and_the_p95_of_each_application(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    shop, search, quiet = (create_application().pk for _ in range(3))
    with time_machine.travel(NOW, tick=False):
        for application, number in ((shop, 100), (search, 1)):
            records = [
                create_request_record(
                    f"/{n}",
                    status=(200, 200, 404, 503)[n % 4],
                    duration_ms=n + 1,
                    occurred_at=NOW - timedelta(minutes=14 * n),
                )
                for n in range(number)
            ]
            before = create_request_record(
                "/", status=500, occurred_at=FIRST - timedelta(seconds=1)
            )
            at_first = create_request_record("/", duration_ms=1, occurred_at=FIRST)
            pipeline.accept(application, create_requests(*records, before, at_first))
    with django_assert_num_queries(1):
        found = recent([shop, search, quiet], now=NOW)
    assert set(found) == {shop, search}
    one = found[shop]
    assert (one.requests, one.client_errors, one.server_errors) == (101, 25, 25)
    assert one.error_rate == pytest.approx(50 / 101)
    assert one.p95 == pytest.approx(95, rel=0.03)
    assert found[search].requests == 2
    assert recent([shop], now=NOW, durations=False)[shop].p95 is None


def test_whether_there_are_any(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    shop, search = create_application().pk, create_application().pk
    with time_machine.travel(NOW, tick=False):
        pipeline.accept(shop, create_requests(create_request_record("/")))
    with django_assert_num_queries(3):
        assert any_recent([search, shop], now=NOW)
        assert not any_recent([search], now=NOW)
        assert not any_recent([shop], now=NOW + timedelta(days=1, hours=1))


def test_of_no_application_nothing_is_read(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        assert recent([]) == {}
