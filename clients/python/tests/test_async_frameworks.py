"""What the server lists of each service is what was asked of it, whatever its framework."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from clients.python.tests.async_services.serving import (
    AGENT,
    PART,
    PARTS,
    PAUSE,
    Service,
    requests,
    service_of,
    serving,
)
from ingest.tests.serving import App, Http

from loghandler_client import Client, LogHandler
from loghandler_client.requests import Config

NAMES = {
    "starlette": "Starlette",
    "fastapi": "FastAPI",
    "litestar": "Litestar",
    "quart": "Quart",
    "aiohttp": "aiohttp",
    "sanic": "Sanic",
    "tornado": "Tornado",
}
Started = Callable[..., AbstractContextManager[Service]]


@pytest.fixture(params=NAMES)
def framework(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def started(framework: str, client: Client) -> Started:
    return lambda **options: serving(service_of(framework, client, Config(**options)))


@pytest.fixture
def listening(client: Client) -> Iterator[None]:
    """What the program logs is told, too, as frameworks and servers log what handlers raise."""
    handler, root = LogHandler(client=client, level=logging.WARNING), logging.getLogger()
    root.addHandler(handler)
    yield
    root.removeHandler(handler)


ORDERS = {"aiohttp": ("/shop/orders/3", "/shop/orders/{item}")}
ASKED_ORDER = ("/shop/Bücher/orders/3", "/shop/{shop}/orders/{item}")


def test_every_figure_is_that_of_the_request(
    started: Started, framework: str, client: Client, http: Http, app: App
) -> None:
    order, order_route = ORDERS.get(framework, ASKED_ORDER)
    asked = order.replace("ü", "%C3%BC")
    with started() as service:
        item = service.ask("GET", "/items/7?page=2", Referer="https://shop.example/list")
        echo = service.ask("POST", "/echo", b"x" * 70_000)
        head = service.ask("HEAD", "/items/8")
        of_shop = service.ask("GET", asked)
        refused = service.ask("GET", "/refused")
        missing = service.ask("GET", "/missing/1")
        found = requests(http, app, client, 6)
    assert (item.body, echo.body, head.body) == (b"item 7", b"x" * 70_000, b"")
    rows = [
        (r["method"], r["path"], r["route"], r["status"], r["request_bytes"], r["response_bytes"])
        for r in found
    ]
    assert sorted(rows) == [
        ("GET", "/items/7", "/items/{item}", 200, None, len(item.body)),
        ("GET", "/missing/1", "/missing/{id}", 404, None, len(missing.body)),
        ("GET", "/refused", "/refused", 403, None, len(refused.body)),
        ("GET", order, order_route, 200, None, len(of_shop.body)),
        ("HEAD", "/items/8", "/items/{item}", 200, None, 0),
        ("POST", "/echo", "/echo", 201, 70_000, 70_000),
    ]
    assert {(r["framework"], r["user_agent"], r["hostname"], r["ip_address"]) for r in found} == {
        (NAMES[framework], AGENT, f"127.0.0.1:{service.port}", "127.0.0.1")
    }
    referrers = {r["path"]: r["referrer"] for r in found if r["referrer"]}
    assert referrers == {"/items/7": "https://shop.example/list"}
    assert client.stats == (6, 0, 0, 0, 0)


def test_a_streamed_body_takes_until_its_last_byte(
    started: Started, client: Client, http: Http, app: App
) -> None:
    with started() as service:
        began = time.perf_counter()
        answer = service.ask("GET", "/streamed")
        took = (time.perf_counter() - began) * 1_000
        [found] = requests(http, app, client, 1)
    assert answer.body == PART * PARTS
    assert found["response_bytes"] == len(answer.body)
    assert (PARTS - 1) * PAUSE * 1_000 <= found["duration_ms"] <= took + 50  # another thread


@pytest.mark.parametrize("path", ["/broken/7", "/logged"])
def test_an_error_is_told_once_and_is_that_of_its_request(
    started: Started, listening: None, path: str, client: Client, http: Http, app: App
) -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    with started() as service:
        answer = service.ask("GET", path, traceparent=f"00-{trace_id}-00f067aa0ba902b7-01")
        [found] = requests(http, app, client, 1)
    # Tornado's log of all requests has failures as errors, without their exceptions.
    [event] = [event for event in app.listed(http) if event["logger"] != "tornado.access"]
    assert (answer.status, found["status"]) == (500, 500)
    assert found["response_bytes"] in {len(answer.body), None}
    assert found["event_id"] == event["event_id"]
    assert found["trace_id"] == event["trace_id"] == trace_id
    assert event["level"] == "ERROR"


def test_an_error_in_the_middle_of_a_body_is_that_of_its_request(
    started: Started, listening: None, client: Client, http: Http, app: App
) -> None:
    with started() as service:
        answer = service.ask("GET", "/half")
        [found] = requests(http, app, client, 1)
    events = [e for e in app.listed(http) if "In the middle." in str(e["stack"])]
    assert (answer.status, found["status"], found["response_bytes"]) == (200, 200, len(PART))
    assert [found["event_id"]] == [event["event_id"] for event in events]


def test_errors_of_requests_at_the_same_time_are_not_mixed_up(
    started: Started, client: Client, http: Http, app: App
) -> None:
    with started() as service:
        asking = [
            threading.Thread(target=service.ask, args=["GET", f"/broken/{number}"])
            for number in range(20)
        ]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()
        found = requests(http, app, client, 20)
    events = {event["event_id"]: event["message"] for event in app.listed(http, "limit=50")}
    assert len(events) == 20
    assert {r["path"]: events[r["event_id"]] for r in found} == {
        f"/broken/{number}": f"ValueError: {number}" for number in range(20)
    }


@pytest.mark.parametrize(
    ("level", "trusted", "told"),
    [
        (0, [], "127.0.0.1"),
        (0, ["127.0.0.0/8", "10.0.0.0/8"], "203.0.113.9"),
        (0, ["192.0.2.0/24"], "127.0.0.1"),
        (1, ["*"], None),
        (2, ["*"], None),
    ],
)
def test_addresses_are_those_of_trusted_proxies_at_the_level_of_privacy(
    started: Started, client: Client, http: Http, app: App, level: int, trusted: Any, told: Any
) -> None:
    with started(privacy_level=level, trusted_proxies=trusted) as service:
        service.ask("GET", "/items/1", X_Forwarded_For="198.51.100.1, 203.0.113.9, 10.0.0.7")
        [found] = requests(http, app, client, 1)
    assert found["ip_address"] == told
    assert (found["user"] is None) == (level == 2)


def test_mappers_are_given_the_frameworks_request(
    started: Started, client: Client, http: Http, app: App
) -> None:
    def of(name: str) -> Callable[[Any], str]:
        return lambda request: f"{name}-{request.headers['x-shop']}"

    with started(
        get_path=lambda request: f"/shops/{request.headers['x-shop']}",
        get_ip_address=lambda request: f"192.0.2.{request.headers['x-shop']}",
        get_hostname=of("host"),
        get_user_agent=of("agent"),
        get_user_id=of("user"),
        get_route=lambda request: "/shops/{shop}",
        left_out=["/items/2"],
    ) as service:
        service.ask("GET", "/items/1", X_Shop="7")
        service.ask("GET", "/items/2", X_Shop="8")
        service.ask("GET", "/items/3", X_Shop="9")
        found = requests(http, app, client, 2)
    names = ("path", "route", "ip_address", "hostname", "user_agent", "user")
    # Two of one millisecond are listed in any order.
    assert sorted(tuple(r[name] for name in names) for r in found) == [
        (f"/shops/{n}", "/shops/{shop}", f"192.0.2.{n}", f"host-{n}", f"agent-{n}", f"user-{n}")
        for n in (7, 9)
    ]


def test_mappers_that_raise_cost_what_they_map_alone(
    started: Started, client: Client, http: Http, app: App
) -> None:
    def wrong(_request: Any) -> str:
        raise RuntimeError("A mapper.")

    names = ("path", "ip_address", "hostname", "user_agent", "route")
    wrongs = {f"get_{name}": wrong for name in (*names, "user_id")}
    with started(keep_query=True, **wrongs) as service:
        answer = service.ask("GET", "/items/1?page=2")
        [found] = requests(http, app, client, 1)
    assert answer.status == 200
    assert tuple(found[name] for name in names) == (
        "/items/1?page", "127.0.0.1", f"127.0.0.1:{service.port}", AGENT, "/items/{item}",
    )  # fmt: skip
    assert client.stats.failed == len(wrongs)


def test_one_who_leaves_in_the_middle_is_told_of(
    started: Started, client: Client, http: Http, app: App
) -> None:
    with started() as service:
        service.leave("/streamed")
        service.ask("GET", "/items/1")
        found = requests(http, app, client, 2)
    assert {r["path"]: r["status"] for r in found} == {"/streamed": 200, "/items/1": 200}
    assert client.stats.failed == 0


@pytest.mark.parametrize("framework", ["starlette", "fastapi", "litestar"], indirect=True)
def test_what_is_done_after_the_answer_is_not_its_time(
    started: Started, client: Client, http: Http, app: App
) -> None:
    with started() as service:
        answer = service.ask("GET", "/late")
        [found] = requests(http, app, client, 1)
    assert answer.status == 200
    assert found["duration_ms"] < 400
