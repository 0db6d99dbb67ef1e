"""API Analytics' monitor page, with its words and shapes."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from applications.factories import create_application, create_key
from applications.models import Key
from loghandler import partitions
from loghandler.outbound.connections import Timings
from monitors.models import Monitor
from monitors.records import CheckRecord
from monitors.storing import Found, keep, store

pytestmark = pytest.mark.django_db


@pytest.fixture
def key() -> str:
    return create_key(create_application(), Key.READ)


def post(action: str, **body: Any) -> tuple[int, str]:
    answer = Client().post(f"/api/monitor/{action}", json.dumps(body), "application/json")
    return answer.status_code, answer.json()["message"]


def added(key: str, url: str = "shop.example/health", **more: Any) -> tuple[int, str]:
    return post("add", user_id=key, url=url, secure=True, ping=True, **more)


def test_a_monitor_is_added_once_and_deleted(key: str) -> None:
    assert added(key) == (201, "New monitor created successfully.")
    assert added(key) == (409, "Monitor already exists.")
    monitor = Monitor.objects.get()
    assert (monitor.target["url"], monitor.target["method"], monitor.interval_seconds) == (
        "https://shop.example/health", "HEAD", 1_800,
    )  # fmt: skip
    for _ in range(2):
        assert post("delete", user_id=key, url="shop.example/health", status=0) == (
            201, "Monitor deleted successfully.",
        )  # fmt: skip
    assert not Monitor.objects.exists()


def test_pings_are_told_oldest_first_and_those_that_failed_with_0(key: str) -> None:
    added(key)
    added(key, url="http://other.example/")
    monitor = Monitor.objects.get(name="shop.example/health")
    partitions.ensure()
    now = timezone.now().replace(microsecond=0)
    timings = Timings(10, 20, 30, 40, 20.4)
    for check in (
        CheckRecord(now, "timeout", "No answer"),
        CheckRecord(now - timedelta(minutes=1), timings=timings, status=200),
    ):
        store([Found(monitor.application_id, monitor.pk, check)])
    answer = Client().get(f"/analytics/api/monitor/pings/{key}")
    found = answer.json()
    assert found["http://other.example/"] == []
    told = found["https://shop.example/health"]
    assert [(each["response_time"], each["status"]) for each in told] == [(120, 200), (0, 0)]
    assert told[1]["created_at"].startswith(f"{now:%Y-%m-%dT%H:%M:%S}")


def test_a_ping_is_told_for_half_an_hour(key: str) -> None:
    added(key)
    often = Monitor.objects.get()
    Monitor.objects.update(interval_seconds=60)
    added(key, url="seldom.example")
    seldom = Monitor.objects.get(name="seldom.example")
    partitions.ensure()
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    for monitor in (often, seldom):
        for minute in (0, 1, 29, 30, 31):
            at = midnight + timedelta(minutes=minute)
            keep([Found(monitor.application_id, monitor.pk, CheckRecord(at, status=200 + minute))])
    found = Client().get(f"/api/monitor/pings/{key}").json()
    statuses = {url: [each["status"] for each in told] for url, told in found.items()}
    assert statuses == {
        "https://shop.example/health": [229, 231],
        "https://seldom.example": [200, 201, 229, 230, 231],
    }


def test_a_read_key_deletes_only_what_came_this_way(key: str) -> None:
    added(key)
    Monitor.objects.update(tags=[])
    status, message = post("delete", user_id=key, url="shop.example/health")
    assert (status, message[:31]) == (403, "This monitor was made elsewhere")
    assert Monitor.objects.exists()


def test_pings_tell_no_password(key: str) -> None:
    added(key, url="https://me:s3cret@shop.example/")
    assert list(Client().get(f"/api/monitor/pings/{key}").json()) == ["https://shop.example/"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"url": "a.example"}, "User ID required."),
        ({"user_id": 7, "url": "a.example"}, "Invalid data."),
        ({"user_id": "{key}"}, "Invalid data."),
        ({"user_id": "{key}", "url": "a.example\0"}, "Invalid data."),
        ({"user_id": "{key}", "url": "\ud800.example"}, "Invalid data."),
        ({"user_id": "{key}", "url": "ftp://a.example"}, "Write an address such as"),
    ],
)
def test_what_is_wrong_is_told(key: str, body: dict[str, Any], message: str) -> None:
    sent = {name: key if value == "{key}" else value for name, value in body.items()}
    status, words = post("add", **sent)
    assert status == 400
    assert words.startswith(message)


def test_a_body_that_is_none_is_told() -> None:
    for body in ("", "[]", "{"):
        answer = Client().post("/api/monitor/add", body, "application/json")
        assert (answer.status_code, answer.json()["message"]) == (400, "Invalid request body.")


def test_pages_of_other_sites_may_ask_and_strangers_may_not(key: str) -> None:
    preflight = Client().options("/api/monitor/add", HTTP_ORIGIN="https://site.example")
    assert preflight.status_code == 204
    assert preflight["Access-Control-Allow-Origin"] == "*"
    stranger = create_key(create_application(), Key.INGEST)
    assert added(stranger)[0] == 401
    assert Client().get(f"/api/monitor/pings/{stranger}").status_code == 401
    assert Client().get("/api/monitor/add").status_code == 404
