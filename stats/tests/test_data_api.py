"""API Analytics' Data API and what its dashboard asks for, in its shapes, with a read key."""

import json
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from applications.factories import create_application, create_key
from applications.models import Application, Key
from ingest import pipeline
from ingest.factories import create_requests
from stats import views
from stats.traffic import data_pages
from traffic.factories import create_request_record
from traffic.models import Request

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def application() -> Application:
    """Seven requests, a day and a half apart from the first to the last."""
    made = create_application()
    records = [
        create_request_record(
            f"/items/{n}?page=1",
            method=("GET", "POST", "PURGE")[n % 3],
            status=404 if n == 3 else 200,
            duration_ms=n + 0.6,
            occurred_at=DAY + timedelta(hours=6 * n, milliseconds=7),
            hostname="b.example" if n == 4 else "a.example",
            ip_address=ip_address(f"192.0.2.{n}"),
            user_agent=f"agent/{n % 2}",
            user_id="ann" if n == 5 else None,
        )
        for n in range(7)
    ]
    pipeline.accept(made.pk, create_requests(*records))
    return made


def content(answer: Any) -> Any:
    return json.loads(b"".join(answer.streaming_content))


def asked(client: Client, application: Application, **query: Any) -> Any:
    headers = {"x-auth-token": create_key(application, Key.READ)}
    answer = client.get("/api/data", query, headers=headers)
    assert answer.status_code == 200, answer.content
    return content(answer)


def test_rows_are_those_of_the_reference_oldest_first(
    client: Client, application: Application
) -> None:
    rows = asked(client, application)
    assert len(rows) == 7
    assert list(rows[0]) == list(data_pages.FIELDS)
    assert rows[0] == {
        "hostname": "a.example",
        "ip_address": "192.0.2.0",
        "path": "/items/0?page",
        "user_agent": "agent/0",
        "method": 0,
        "status": 200,
        "response_time": 1,
        "location": "",
        "user_id": "",
        "created_at": "2026-11-20T00:00:00.007Z",
    }
    assert [row["method"] for row in rows[:3]] == [0, 1, -1]
    assert rows[5]["user_id"] == "ann"


def test_compact_rows_follow_their_names(client: Client, application: Application) -> None:
    names, *rows = asked(client, application, compact="true")
    assert names == list(data_pages.FIELDS)
    assert [row[2] for row in rows] == [f"/items/{n}?page" for n in range(7)]
    assert asked(client, create_application(), compact="true") == [names]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"date": "2026-11-20"}, [0, 1, 2, 3]),
        ({"dateFrom": "2026-11-21"}, [4, 5, 6]),
        ({"dateTo": "2026-11-20"}, [0, 1, 2, 3]),
        ({"dateFrom": "2026-11-20", "dateTo": "2026-11-21"}, [0, 1, 2, 3, 4, 5, 6]),
        ({"dateFrom": "2026-11-21", "date": "2026-11-20"}, []),
        ({"hostname": "b.example"}, [4]),
        ({"ipAddress": "192.0.2.2"}, [2]),
        ({"ip": "192.0.2.2"}, [2]),
        ({"ip_address": "192.0.2.2"}, [2]),
        ({"status": "404"}, [3]),
        ({"location": "DE"}, []),
        ({"user_id": "ann"}, [5]),
        ({"userId": "ann"}, [5]),
        ({"userID": "ann"}, [5]),
        ({"page": "2"}, []),
    ],
)
def test_rows_are_chosen_by_every_name_of_a_parameter(
    client: Client, application: Application, query: dict[str, str], numbers: list[int]
) -> None:
    rows = asked(client, application, **query)
    assert [row["path"] for row in rows] == [f"/items/{n}?page" for n in numbers]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"page": "0"}, "page"),
        ({"page": "x"}, "page"),
        ({"date": "20.11.2026"}, "date"),
        ({"dateFrom": "2026-11-21", "dateTo": "2026-11-20"}, "dateTo"),
        ({"ip": "nowhere"}, "ipAddress"),
        ({"status": "ok"}, "status"),
        ({"location": "Germany"}, "location"),
        ({"compact": "yes"}, "compact"),
    ],
)
def test_a_value_that_can_not_be_used_is_refused_with_the_reason(
    client: Client, application: Application, query: dict[str, str], field: str
) -> None:
    headers = {"x-auth-token": create_key(application, Key.READ)}
    answer = client.get("/api/data", query, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["status"] == 400
    assert answer.json()["message"].startswith(f"{field}: ")


@pytest.mark.parametrize("filtered", [{}, {"hostname": "a.example"}])
@pytest.mark.parametrize("begins", [{}, {"dateFrom": "2026-11-20"}])
def test_pages_join_to_all_rows(
    client: Client,
    application: Application,
    monkeypatch: pytest.MonkeyPatch,
    filtered: dict[str, str],
    begins: dict[str, str],
) -> None:
    whole = asked(client, application, **filtered, **begins)
    monkeypatch.setattr(data_pages, "CHUNK", 2)
    for size in (1, 2, 3, 5):
        monkeypatch.setattr(views, "DATA_PAGE", size)
        pages = [asked(client, application, page=n, **filtered, **begins) for n in range(1, 9)]
        assert [row for page in pages for row in page] == whole
        assert len(pages[0]) == size


@pytest.mark.parametrize("header", ["x-auth-token", "api-key"])
def test_the_key_is_a_read_key_in_either_header(
    client: Client, application: Application, header: str
) -> None:
    key = create_key(application, Key.READ)
    for spelling in (key, str(UUID(key))):
        assert client.get("/base/api/data", headers={header: spelling}).status_code == 200


@pytest.mark.parametrize("kind", [None, "ingest", "unknown"])
def test_other_keys_are_refused(client: Client, application: Application, kind: str | None) -> None:
    secret = {"ingest": create_key(application), "unknown": "0" * 32, None: ""}[kind]
    answer = client.get("/api/data", headers={"x-auth-token": secret} if secret else {})
    assert answer.status_code == 401
    assert answer.json()["status"] == 401


def test_their_dashboard_gets_its_id_and_its_pages(
    client: Client, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = create_key(application, Key.READ)
    answer = client.get(f"/api/user-id/{key}")
    assert answer.json() == str(UUID(key))
    page = content(client.get(f"/api/requests/{answer.json()}/1"))
    agents = {
        data_pages.agent_number(request.agent): f"agent/{n % 2}"
        for n, request in enumerate(Request.objects.oldest_first())
        if request.agent is not None
    }
    assert page["user_agents"] == agents
    first = page["requests"][0]
    assert page["user_agents"][first.pop(3)] == "agent/0"
    assert first == [
        "192.0.2.0", "/items/0?page", "a.example", 0, 1, 200, "", "", "2026-11-20T00:00:00.007Z",
    ]  # fmt: skip
    assert len(page["requests"]) == 7
    monkeypatch.setattr(views, "DASHBOARD_PAGE", 5)
    assert len(content(client.get(f"/api/requests/{key}?page=2"))["requests"]) == 2
    assert content(client.get(f"/api/requests/{key}/3")) == {"requests": [], "user_agents": {}}
    for wrong in ("0", "-1", "x"):
        assert client.get(f"/api/requests/{key}/{wrong}").status_code == 400


@pytest.mark.parametrize("path", ["user-id", "requests", "requests/1"])
def test_a_stranger_learns_nothing(client: Client, application: Application, path: str) -> None:
    first, _, rest = path.partition("/")
    for secret in ("nonsense", create_key(application)):
        answer = client.get(f"/api/{first}/{secret}{'/' if rest else ''}{rest}")
        assert answer.status_code == 401


def test_pages_of_other_sites_may_ask_with_a_key(client: Client) -> None:
    headers = {"origin": "https://example.com", "access-control-request-headers": "x-auth-token"}
    answer = client.options("/api/data", headers=headers)
    assert answer.status_code == 204
    assert "x-auth-token" in answer["Access-Control-Allow-Headers"]
    assert client.get("/api/data", headers=headers)["Access-Control-Allow-Origin"] == "*"


def test_health_and_other_methods_are_answered_as_by_the_reference(client: Client) -> None:
    assert client.get("/api/health").json() == {"status": "healthy"}
    assert client.post("/api/data").status_code == 404
