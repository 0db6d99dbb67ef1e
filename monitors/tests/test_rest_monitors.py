"""Monitors over REST: made, changed, paused, deleted; what was found."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.factories import create_application
from applications.models import Application
from loghandler import partitions
from loghandler.outbound.connections import Timings
from loghandler.tests.rest import Rest
from monitors.factories import create_monitor
from monitors.models import Maintenance, Monitor, Outage
from monitors.records import CheckRecord, HttpTarget
from monitors.storing import Found, store

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def shop() -> Iterator[Application]:
    with time_machine.travel(NOON, tick=False):
        partitions.ensure()
        yield create_application("shop")


@pytest.fixture
def rest(shop: Application) -> Rest:
    return Rest(shop, "admin")


def found(monitor: Monitor, minute: float, failure: str | None = None) -> None:
    at = NOON + minute * MINUTE
    check = CheckRecord(at, failure, "Status 500" * bool(failure), Timings(1, 2, 3, 40, 4))
    with time_machine.travel(at, tick=False):
        store([Found(monitor.application_id, monitor.pk, check)])


def test_a_monitor_is_an_address(rest: Rest) -> None:
    sent = {"name": "page", "target": {"url": "https://shop.example/health"}}
    status, made = rest.ask("POST", "monitors", sent)
    assert status == 201
    assert made == {
        "id": made["id"], "application_id": Application.objects.get().pk, "name": "page",
        "kind": "http", "interval_seconds": 60, "timeout_seconds": 10.0, "retries": 1,
        "paused": False, "tags": [], "created_at": "2026-11-27T12:00:00Z", "state": "unknown",
        "state_since": None, "checked_at": None, "failure": None, "words": "",
        "duration_ms": None, "certificate_until": None, "ping_url": None,
        "target": {
            "url": "https://shop.example/health", "method": "GET", "headers": {}, "body": "",
            "statuses": "200-299", "keyword": "", "keyword_absent": False, "json_path": "",
            "json_value": "", "redirects": 5, "verify": True,
        },
    }  # fmt: skip
    assert rest.ask("GET", f"monitors/{made['id']}") == (200, made)
    assert rest.ask("GET", "monitors") == (200, {"items": [made], "next_offset": None})


def test_all_of_it_can_be_said_as_people_write_it(rest: Rest) -> None:
    target = {
        "url": "https://shop.example/", "method": "POST", "headers": {"X-Key": "ü"},
        "body": "{}", "statuses": "200, 300-399", "json_path": "a.0", "json_value": "ok",
    }  # fmt: skip
    sent = {
        "name": "page", "target": target, "interval_seconds": 30, "retries": 0, "tags": ["eu"],
        "timeout_seconds": 2.5, "paused": True,
    }  # fmt: skip
    _, made = rest.ask("POST", "monitors", sent)
    assert {name: made["target"][name] for name in target} == target
    assert {name: made[name] for name in sent if name != "target"} == {
        name: value for name, value in sent.items() if name != "target"
    }
    stored = Monitor.objects.get()
    assert stored.target["statuses"] == [[200, 200], [300, 399]]


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("tcp", {"host": "db.example", "port": 5432}),
        ("tls", {"host": "shop.example", "port": 443, "days": 21}),
        (
            "heartbeat",
            {"period_seconds": 0, "cron": "0 2 * * *", "zone": "UTC", "grace_seconds": 600},
        ),
    ],
)
def test_there_are_other_kinds(rest: Rest, kind: str, target: dict[str, Any]) -> None:
    status, made = rest.ask("POST", "monitors", {"name": "it", "kind": kind, "target": target})
    assert (status, made["kind"], made["target"]) == (201, kind, target)
    key = Monitor.objects.get().ping_key
    assert made["ping_url"] == (f"http://127.0.0.1:8000/ping/{key}" if key else None)
    assert (key is not None) is (kind == "heartbeat")


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({}, "name", "required"),
        ({"name": "a"}, "target", "required"),
        ({"name": "a", "target": {}}, "target", "missing required field `url`"),
        ({"name": "a", "target": {"url": "shop"}}, "target", "https://service.example"),
        ({"name": "a", "target": {"url": "http://a/", "speed": 1}}, "target", "speed is none of"),
        ({"name": "a", "target": {"url": "http://a/", "statuses": "ok"}}, "target", "no status"),
        ({"name": "a", "target": {"url": "http://a/"}, "interval_seconds": 5}, "interval_seconds",
         "greater than or equal to 10"),
        ({"name": "a", "kind": "icmp", "target": {}}, "kind", "not a valid choice"),
        ({"name": "a", "target": {"url": "http://a/", "\ud800": 1}}, "target", "? is none of"),
        ({"name": "a", "target": {"url": "http://a/", "keyword": "\0"}}, "target", "Null"),
        ({"name": "a", "kind": "heartbeat", "target": {"period_seconds": 10**25}}, "target",
         "A period is"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_field(
    rest: Rest, sent: dict[str, Any], field: str, words: str
) -> None:
    status, answer = rest.ask("POST", "monitors", sent)
    assert status == 400
    assert words in " ".join(answer["errors"][field])
    assert not Monitor.objects.exists()


def test_a_name_that_is_taken_is_a_conflict(rest: Rest) -> None:
    sent = {"name": "page", "target": {"url": "https://shop.example/"}}
    rest.ask("POST", "monitors", sent)
    status, answer = rest.ask("POST", "monitors", sent)
    assert (status, list(answer["errors"])) == (409, ["name"])


def test_what_is_not_named_stays_as_it_is(rest: Rest, shop: Application) -> None:
    monitor = create_monitor(HttpTarget("https://a.example/", keyword="fine"), application=shop)
    path = f"monitors/{monitor.pk}"
    status, changed = rest.ask("PATCH", path, {"target": {"url": "https://b.example/"}})
    assert status == 200
    assert (changed["target"]["url"], changed["target"]["keyword"]) == (
        "https://b.example/",
        "fine",
    )
    assert rest.ask("PATCH", path, {"paused": True})[1]["paused"]
    assert not rest.ask("PATCH", path, {"paused": False})[1]["paused"]
    tcp = {"kind": "tcp", "target": {"host": "db.example", "port": 1}}
    assert rest.ask("PATCH", path, tcp)[1]["target"] == {"host": "db.example", "port": 1}
    assert rest.ask("DELETE", path) == (204, None)
    assert rest.ask("GET", path)[0] == 404


def test_a_viewer_sees_no_secrets_and_changes_nothing(rest: Rest, shop: Application) -> None:
    target = HttpTarget(
        "https://a:s3cret@a.example/", headers=(("X-Key", "s3cret"),), body=b"s3cret"
    )
    monitor = create_monitor(target, application=shop)
    viewer = Rest(shop, "viewer")
    for path in ("monitors", f"monitors/{monitor.pk}"):
        assert "s3cret" in json.dumps(rest.ask("GET", path))
        assert "s3cret" not in json.dumps(viewer.ask("GET", path))
    assert viewer.ask("PATCH", f"monitors/{monitor.pk}", {"paused": True})[0] == 403


def test_lists_are_filtered(rest: Rest, shop: Application) -> None:
    create_monitor(application=shop, name="page", tags=["eu", "web"], state="up")
    create_monitor(application=shop, name="db", tags=["us"], state="down", paused=True)
    create_monitor(name="another application's")
    for query, names in {
        "": ["db", "page"], "state=down": ["db"], "kind=http": ["db", "page"], "kind=tcp": [],
        "tag=eu": ["page"], "q=PAG": ["page"], "paused=true": ["db"], "paused=false": ["page"],
    }.items():  # fmt: skip
        items = rest.ask("GET", f"monitors?{query}")[1]["items"]
        assert [item["name"] for item in items] == names, query
    assert rest.ask("GET", "monitors?state=asleep")[0] == 400


def test_checks_are_listed_newest_first_by_pages(rest: Rest, shop: Application) -> None:
    monitor = create_monitor(application=shop)
    for minute in range(5):
        found(monitor, minute, "status" if minute == 2 else None)
    path = f"monitors/{monitor.pk}/checks"
    with CaptureQueriesContext(connection) as queries:
        page = rest.ask("GET", f"{path}?limit=2")[1]
    assert len(queries) == 5  # session, user, application, monitor; its checks
    assert [item["checked_at"][11:16] for item in page["items"]] == ["12:04", "12:03"]
    rest_of_it = rest.ask("GET", f"{path}?cursor={page['next_cursor']}")[1]
    assert [item["checked_at"][11:16] for item in rest_of_it["items"]] == [
        "12:02",
        "12:01",
        "12:00",
    ]
    assert rest_of_it["next_cursor"] is None
    [failed] = rest.ask("GET", f"{path}?failed=true")[1]["items"]
    assert (failed["failure"], failed["words"], failed["first_byte_ms"]) == (
        "status", "Status 500", 40.0,
    )  # fmt: skip
    between = rest.ask("GET", f"{path}?since=2026-11-27T12:01:00Z&until=2026-11-27T12:03:00Z")[1]
    assert len(between["items"]) == 2
    assert rest.ask("GET", f"{path}?since=yesterday")[0] == 400


def test_outages_tell_what_happened_around_them(rest: Rest, shop: Application) -> None:
    monitor = create_monitor(application=shop, retries=0)
    found(monitor, 1, "status")
    found(monitor, 3)
    other = create_monitor(application=shop, retries=0)
    found(other, 5, "dns")
    with time_machine.travel(NOON + 10 * MINUTE, tick=False):
        everything = rest.ask("GET", "outages")[1]["items"]
        [outage] = rest.ask("GET", f"monitors/{monitor.pk}/outages")[1]["items"]
    assert [item["monitor_id"] for item in everything] == [other.pk, monitor.pk]
    assert everything[0]["end"] is None
    assert everything[0]["duration_seconds"] == 300
    assert outage == everything[1]
    assert (outage["failure"], outage["duration_seconds"]) == ("status", 120)
    assert outage["events_url"].startswith(f"/apps/{shop.pk}/events?since=2026-11-27T11%3A56")
    for name in ("events_url", "requests_url"):
        assert rest.client.get(outage[name]).status_code == 200


def test_stats_are_uptime_and_response_times(rest: Rest, shop: Application) -> None:
    monitor = create_monitor(application=shop, retries=0, created_at=NOON - 100 * MINUTE)
    for minute, failure in ((-90, None), (-60, "dns"), (-30, None)):
        found(monitor, minute, failure)
    status, stats = rest.ask("GET", f"monitors/{monitor.pk}/stats")
    assert status == 200
    assert stats["uptime"]["24 h"] == {
        "ratio": 0.7, "watched_seconds": 6_000.0, "down_seconds": 1_800.0,
    }  # fmt: skip
    assert stats["step_seconds"] == 1_800
    full = [step for step in stats["series"] if step["checks"]]
    assert [(step["start"][11:16], step["checks"], step["failures"]) for step in full] == [
        ("10:30", 1, 0), ("11:00", 1, 1), ("11:30", 1, 0),
    ]  # fmt: skip
    assert full[0]["p95_ms"] == pytest.approx(50, rel=0.03)
    assert full[1]["p50_ms"] is None
    for name in ("7d", "30d", "90d"):
        assert rest.ask("GET", f"monitors/{monitor.pk}/stats?range={name}")[0] == 200
    assert rest.ask("GET", f"monitors/{monitor.pk}/stats?range=1y")[0] == 400


def test_maintenance_is_announced_and_ended(rest: Rest, shop: Application) -> None:
    monitor = create_monitor(application=shop)
    once = {"name": "update", "end": "2026-11-27T13:00:00Z", "monitors": [monitor.pk]}
    status, made = rest.ask("POST", "maintenance", once)
    assert status == 201
    assert (made["begin"], made["monitors"]) == ("2026-11-27T12:00:00Z", [monitor.pk])
    nightly = {"name": "nightly", "cron": "0 2 * * *", "zone": "Europe/Berlin", "minutes": 30}
    assert rest.ask("POST", "maintenance", nightly)[0] == 201
    for wrong, field in (
        ({"name": "backwards", "end": "2026-11-27T11:00:00Z"}, "end"),
        ({**nightly, "end": "2026-11-27T11:00:00Z"}, "cron"),
        ({"name": "no length", "cron": "0 2 * * *"}, "minutes"),
        ({"name": "no cron", "cron": "at night", "minutes": 5}, "cron"),
        ({"name": "always", "cron": "* * * * *", "minutes": 5}, "cron"),
        ({**once, "monitors": [0]}, "monitors"),
    ):
        status, answer = rest.ask("POST", "maintenance", wrong)
        assert (status, list(answer["errors"])) == (400, [field]), wrong
    assert len(rest.ask("GET", "maintenance")[1]["items"]) == 2
    with time_machine.travel(NOON + MINUTE, tick=False):
        assert rest.ask("DELETE", f"maintenance/{made['id']}") == (204, None)
    assert Maintenance.objects.get(pk=made["id"]).end == NOON + MINUTE


def test_maintenance_that_has_not_begun_changes_as_it_likes(rest: Rest, shop: Application) -> None:
    monitor = create_monitor(application=shop)
    once = {"name": "update", "begin": "2026-11-27T13:00:00Z", "end": "2026-11-27T14:00:00Z"}
    made = rest.ask("POST", "maintenance", once)[1]
    path = f"maintenance/{made['id']}"
    wanted = {"begin": "2026-11-28T01:00:00Z", "end": None, "monitors": [monitor.pk],
              "cron": "0 2 * * *", "minutes": 30}  # fmt: skip
    status, changed = rest.ask("PATCH", path, wanted)
    assert (status, changed) == (200, {**made, **wanted})
    assert rest.ask("GET", path) == (200, changed)
    assert rest.ask("PATCH", path, {"minutes": None})[1] == {
        "errors": {"minutes": ["For how many minutes?"]}
    }
    assert Rest(shop, "viewer").ask("PATCH", path, {"name": "x"})[0] == 403
    assert rest.ask("GET", path) == (200, changed)


def test_maintenance_that_has_begun_is_history(rest: Rest, shop: Application) -> None:
    monitor = create_monitor(application=shop)
    sent = {"name": "update", "end": "2026-11-27T13:00:00Z", "monitors": [monitor.pk]}
    path = f"maintenance/{rest.ask('POST', 'maintenance', sent)[1]['id']}"
    with time_machine.travel(NOON + MINUTE, tick=False):
        refused: list[dict[str, Any]] = [
            {"begin": "2026-11-27T11:00:00Z"},
            {"monitors": []},
            {"end": "2026-11-27T12:00:30Z"},
        ]
        for wrong in refused:
            assert rest.ask("PATCH", path, wrong)[0] == 400, wrong
        longer = {"name": "long update", "end": "2026-11-27T15:00:00Z"}
        assert rest.ask("PATCH", path, longer)[1] == {**rest.ask("GET", path)[1], **longer}
    with time_machine.travel(NOON + 240 * MINUTE, tick=False):
        assert rest.ask("PATCH", path, {"end": "2026-11-27T18:00:00Z"})[0] == 400
        assert rest.ask("PATCH", path, {"name": "over"})[0] == 200


@pytest.mark.parametrize("path", ["monitors", "outages", "maintenance"])
def test_lists_take_few_statements_however_long_they_are(
    rest: Rest, shop: Application, path: str
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert rest.ask("GET", path)[0] == 200
        return len(queries)

    def fill() -> None:
        monitor = create_monitor(application=shop)
        row = Maintenance.objects.create(application=shop, name="x", begin=NOON)
        row.monitors.add(monitor)
        Outage.objects.create(
            application=shop, monitor=monitor, begin=NOON, failure="dns", words="", end=NOON
        )

    fill()
    few = statements()
    fill()
    fill()
    assert statements() == few
    assert few <= 6


def test_there_is_a_most_of_them(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitors.changes.MOST_MONITORS", 1)
    sent = {"name": "a", "target": {"url": "https://shop.example/"}}
    assert rest.ask("POST", "monitors", sent)[0] == 201
    status, answer = rest.ask("POST", "monitors", {**sent, "name": "b"})
    assert (status, answer["errors"]["target"]) == (400, ["An application has at most 1 monitors."])
