"""The traffic's statistics over REST: parameters, shapes, refusals."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from applications.factories import create_application
from applications.models import Application
from ingest import pipeline
from ingest.factories import create_requests
from traffic.factories import create_request_record
from traffic.models import Policy

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(settings: Any) -> Iterator[None]:
    settings.API_ACCESS = "open"
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def application() -> Application:
    """Ten requests of /users/{id}, an hour ago, of which one fails; and one of /a just now."""
    made = create_application()
    records = [
        create_request_record(
            f"/users/{n}",
            status=500 if n == 9 else 200,
            duration_ms=10 * (n + 1),
            occurred_at=NOW - timedelta(hours=1),
            user_id=f"user {n % 3}",
            response_bytes=100,
        )
        for n in range(10)
    ]
    records.append(
        create_request_record(
            "/a", method="POST", status=404, occurred_at=NOW - SECOND, user_id="user 0"
        )
    )
    pipeline.accept(made.pk, create_requests(*records))
    return made


def asked(client: Client, application: Application, path: str, **query: Any) -> Any:
    answer = client.get(f"/apps/{application.pk}/stats/traffic/{path}", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_series_has_the_measures_that_are_asked_for(
    client: Client, application: Application
) -> None:
    measures = "requests,errors,server_errors,users,p50,max,response_bytes"
    answer = asked(client, application, "timeseries", measure=measures)
    assert answer["interval"] == "HOUR"
    assert answer["until"] == "2026-11-21T10:30:00Z"
    first, second = answer["series"]
    assert first == {
        "bucket_start": "2026-11-21T09:00:00Z",
        "requests": 10,
        "errors": 1,
        "server_errors": 1,
        "users": 3,
        "p50": pytest.approx(55, rel=0.03),
        "max": pytest.approx(100, rel=0.03),
        "response_bytes": 1_000,
    }
    assert (second["requests"], second["errors"], second["server_errors"]) == (1, 1, 0)


def test_a_series_may_be_filled_and_is_chosen_by_filters(
    client: Client, application: Application
) -> None:
    answer = asked(client, application, "timeseries", fill="true", status="5xx", measure="requests")
    counts = [point["requests"] for point in answer["series"]]
    assert len(counts) == 25
    assert sum(counts) == 1


def test_routes_are_ranked_with_their_figures(client: Client, application: Application) -> None:
    Policy.objects.create(
        application=application, apdex_ms=20, apdex_ms_by_route={"POST /a": 1_000}
    )
    answer = asked(client, application, "routes")
    assert answer["distinct"] == 2
    users, a = answer["items"]
    assert (users["method"], users["route"], users["requests"]) == ("GET", "/users/{id}", 10)
    assert users["error_rate"] == 0.1
    assert users["p50"] == pytest.approx(55, rel=0.03)
    assert (users["apdex"], users["apdex_ms"]) == ((2 + 6 / 2) / 10, 20)  # ≤ 20, ≤ 80
    assert (a["apdex"], a["apdex_ms"]) == (1.0, 1_000)
    by_route = asked(client, application, "routes", sort="route")["items"]
    assert [item["route"] for item in by_route] == ["/a", "/users/{id}"]
    found = asked(client, application, "routes", search="post /")
    assert [item["route"] for item in found["items"]] == ["/a"]
    second = asked(client, application, "routes", limit=1, offset=1)
    assert [item["route"] for item in second["items"]] == ["/a"]


def test_requests_are_broken_down_by_user(client: Client, application: Application) -> None:
    answer = asked(client, application, "breakdown", by="user")
    assert answer["distinct"] == 3
    assert answer["items"][0] == {
        "value": "user 0",
        "requests": 5,
        "client_errors": 1,
        "server_errors": 1,
        "first_seen": "2026-11-21T09:30:00Z",
        "last_seen": "2026-11-21T10:29:59Z",
    }


def test_requests_are_broken_down_by_status(client: Client, application: Application) -> None:
    answer = asked(client, application, "breakdown", by="status", limit=2)
    assert answer["distinct"] == 3
    assert [(item["value"], item["requests"]) for item in answer["items"]] == [
        ("200", 9), ("404", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("timeseries", {"measure": "speed"}, "measure"),
        ("timeseries", {"measure": "p101"}, "measure"),
        ("timeseries", {"interval": "SECOND"}, "interval"),
        ("timeseries", {"interval": "MINUTE", "since": "2026-01-01"}, "interval"),
        ("timeseries", {"tz": "Mars/Base"}, "tz"),
        ("timeseries", {"status": "6xy"}, "status"),
        ("timeseries", {"since": "2026-11-21", "until": "2026-11-20"}, "until"),
        ("timeseries", {"min_duration_ms": "x"}, "min_duration_ms"),
        ("routes", {"sort": "fast"}, "sort"),
        ("routes", {"limit": "501"}, "limit"),
        ("breakdown", {}, "by"),
        ("breakdown", {"by": "shoe"}, "by"),
        ("breakdown", {"by": "user", "ip_address": "x"}, "ip_address"),
        ("breakdown", {"by": "user", "event_id": "x"}, "event_id"),
        ("breakdown", {"by": "user", "route": "a\0"}, "route"),
    ],
)
def test_a_parameter_that_can_not_be_used_is_named(
    client: Client, application: Application, path: str, query: dict[str, str], field: str
) -> None:
    answer = client.get(f"/apps/{application.pk}/stats/traffic/{path}", query)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_requests_are_listed_by_any_of_their_fields(
    client: Client, application: Application
) -> None:
    def count(**query: Any) -> int:
        answer = client.get(f"/apps/{application.pk}/requests", {"limit": 50, **query})
        assert answer.status_code == 200, answer.content
        return len(answer.json()["items"])

    assert count() == 11
    assert count(status="4xx") == 1
    assert count(status=["4xx", "500"]) == 2
    assert count(not_status="2xx") == 2
    assert count(method="post") == 1
    assert count(route="/users/{id}") == 10
    assert count(user="user 0", not_route="/a") == 4
    assert count(q="USERS/7") == 1
    assert count(min_duration_ms=50, max_duration_ms=70) == 3
    assert count(since="2026-11-21T10:00:00Z") == 1
    assert count(hostname="nowhere") == 0
    assert count(user_agent="nobody") == 0


def test_pages_of_requests_follow_by_cursor(client: Client, application: Application) -> None:
    found, cursor = [], ""
    while cursor is not None:
        query: dict[str, Any] = {"limit": 4, **({"cursor": cursor} if cursor else {})}
        page = client.get(f"/apps/{application.pk}/requests", query).json()
        found += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert len(set(found)) == len(found) == 11
    assert found == sorted(found, reverse=True)
