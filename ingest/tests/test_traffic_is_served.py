"""The addresses that requests are sent to, over HTTP: whose key, which shape, what is told."""

import gzip
import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from applications.factories import create_application, create_key
from applications.models import Application, Key
from ingest import views
from ingest.models import RefusalCount
from traffic.models import Request

pytestmark = pytest.mark.django_db
STORED = {"message": "API requests logged successfully.", "status": 201}


@pytest.fixture
def application() -> Application:
    return create_application()


def rows(count: int = 1) -> list[dict[str, Any]]:
    return [{"method": "GET", "path": f"/items/{n}", "status": 200} for n in range(count)]


def posted(
    client: Client, key: str, *requests: Any, path: str = "/api/log-request", **options: Any
) -> Any:
    body = {"api_key": key, "requests": requests, "framework": "Flask", "privacy_level": 0}
    content_type = options.pop("content_type", "application/json")
    return client.post(path, json.dumps(body).encode(), content_type, **options)


@pytest.mark.parametrize(
    "path", ["/api/log-request", "/api/requests", "/base/of/it/api/log-request"]
)
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "image/png"])
def test_requests_are_logged_by_the_key_in_the_body(
    client: Client, application: Application, path: str, content_type: str
) -> None:
    key = create_key(application)
    for spelling in (key, str(UUID(key)), f'"{key}"'):
        answer = posted(client, spelling, *rows(), path=path, content_type=content_type)
        assert (answer.status_code, answer.json()) == (201, STORED)
    assert Request.objects.of(application.pk).count() == 3


def test_a_compressed_body_is_read(client: Client, application: Application) -> None:
    body = gzip.compress(
        json.dumps({"api_key": create_key(application), "requests": rows(5)}).encode()
    )
    answer = client.post(
        "/api/log-request", body, "application/json", headers={"content-encoding": "gzip"}
    )
    assert answer.status_code == 201
    assert Request.objects.count() == 5


def test_a_body_of_many_rows_is_stored_whole_in_parts(
    client: Client, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "AT_ONCE", 10)
    assert posted(client, create_key(application), *rows(25)).json() == STORED
    assert Request.objects.count() == 25


def test_what_is_not_stored_is_told_and_recorded(client: Client, application: Application) -> None:
    key = create_key(application)
    answer = posted(client, key, *rows(2), 7, {"method": None})
    assert answer.status_code == 201
    assert answer.json() == {
        "message": "2 of 4 API requests logged.",
        "status": 201,
        "accepted": 2,
        "rejected": [
            {"index": 2, "errors": {"request": ["It is not an object."]}},
            {"index": 3, "errors": {"method": ["Send a method such as GET."]}},
        ],
    }
    recorded = RefusalCount.objects.of(application.pk).values_list("key_prefix", "n")
    assert sorted(recorded) == [(key[:8], 1), (key[:8], 1)]


def test_a_stranger_s_key_is_refused(client: Client) -> None:
    answer = posted(client, str(uuid4()), *rows())
    assert answer.status_code == 401
    assert answer.json() == {"message": "There is no such key.", "status": 401}
    assert not RefusalCount.objects.exists()


@pytest.mark.parametrize("what", ["read", "revoked", "inactive"])
def test_a_key_that_does_not_send_is_refused_and_its_owner_told(
    client: Client, application: Application, what: str
) -> None:
    key = create_key(application, Key.READ if what == "read" else Key.INGEST)
    if what == "revoked":
        Key.objects.update(revoked_at="2026-01-01T00:00:00Z")
    if what == "inactive":
        Application.objects.update(active=False)
    answer = posted(client, key, *rows())
    assert answer.status_code == (403 if what == "inactive" else 401)
    assert set(answer.json()) == {"message", "status"}
    assert RefusalCount.objects.of(application.pk).get().key_prefix == key[:8]
    assert not Request.objects.exists()


def test_what_can_not_be_read_is_refused_in_the_shape_of_the_protocol(client: Client) -> None:
    answer = client.post("/api/log-request", b"{", "application/json")
    assert answer.status_code == 400
    assert answer.json()["status"] == 400
    assert answer.json()["message"].startswith("Invalid request data")


def test_other_methods_are_not_found_as_at_the_reference(client: Client) -> None:
    answer = client.get("/api/log-request")
    assert (answer.status_code, answer.content) == (404, b"404 page not found")


def test_pages_of_other_sites_may_send(client: Client, application: Application) -> None:
    origin = {"origin": "https://example.com"}
    asked = client.options("/api/log-request", headers=origin)
    sent = posted(client, create_key(application), *rows(), headers=origin)
    assert (asked.status_code, sent.status_code) == (204, 201)
    for answer in (asked, sent):
        assert answer["Access-Control-Allow-Origin"] == "*"
    assert "content-type" in asked["Access-Control-Allow-Headers"]


def sent(client: Client, application: Application, body: Any, **headers: str) -> Any:
    headers = {"x-ingest-key": create_key(application), **headers}
    path = f"/apps/{application.pk}/requests"
    return client.post(path, json.dumps(body).encode(), "application/json", headers=headers)


NATIVE = {
    "method": "get",
    "route": "/users/{id}",
    "path": "/users/42?expand=all",
    "status": 200,
    "duration_ms": 12.5,
    "hostname": "api.example.com",
    "ip_address": "192.0.2.17, 10.0.0.1",
    "user_agent": "curl/8.5.0",
    "user_id": "4711",
    "framework": "FastAPI",
    "request_bytes": 0,
    "response_bytes": 1834,
    "referrer": "https://example.com/a?b=c",
    "release": "1.4.2",
    "environment": "production",
    "trace_id": "4bf92f3577b34da6",
    "event_id": "0c2a8f8e-5a0d-4b0b-9b5a-6a4f8f1f0d11",
}


def test_a_native_request_is_answered_as_it_is_read_again(
    client: Client, application: Application, settings: Any
) -> None:
    settings.API_ACCESS = "open"
    answer = sent(client, application, NATIVE)
    assert answer.status_code == 201
    told = answer.json()
    assert told["method"] == "GET"
    assert (told["path"], told["referrer"]) == ("/users/42?expand", "https://example.com/a")
    assert (told["ip_address"], told["user"], told["device"]) == ("192.0.2.17", "4711", "Program")
    for path in (f"requests/{told['id']}", "requests"):
        read = client.get(f"/apps/{application.pk}/{path}").json()
        assert (read["items"][0] if "items" in read else read) == told


def test_a_batch_of_native_requests_tells_what_became_of_each(
    client: Client, application: Application
) -> None:
    answer = sent(client, application, [NATIVE, {"method": "GET"}, {**NATIVE, "status": 1000}])
    assert answer.status_code == 201
    assert answer.json() == {
        "accepted": 1,
        "duplicates": 0,
        "rejected": [
            {
                "index": 1,
                "errors": {
                    "status": ["This field is required."],
                    "path": ["Send the path, the route, or both."],
                },
            },
            {"index": 2, "errors": {"status": ["Use a whole number from 0 to 999."]}},
        ],
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("method", 7),
        ("method", ""),
        ("status", "200"),
        ("status", True),
        ("path", {}),
        ("duration_ms", -1),
        ("duration_ms", "12"),
        ("occurred_at", "yesterday"),
        ("ip_address", "testclient"),
        ("ip_address", 7),
        ("request_bytes", -1),
        ("event_id", "x"),
        ("request_id", 7),
        ("privacy_level", 3),
        ("unknown", 1),
    ],
)
def test_a_wrong_field_is_named(
    client: Client, application: Application, field: str, value: Any
) -> None:
    answer = sent(client, application, {**NATIVE, field: value})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_a_native_request_that_is_sent_again_is_stored_once(
    client: Client, application: Application
) -> None:
    body = {**NATIVE, "request_id": str(uuid4())}
    first, again = (sent(client, application, body).json() for _ in range(2))
    assert first["id"] == again["id"]
    assert Request.objects.count() == 1
