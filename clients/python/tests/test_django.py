"""What is Django's own: its kinds of routes, answers, views and errors, under three servers."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from clients.python.tests.service import Service, service, words
from clients.python.tests.wsgi_services import __file__ as services
from ingest.tests.serving import App, Served


@pytest.fixture(scope="module", params=["django", "django-runserver", "django-uvicorn"])
def running(
    request: pytest.FixtureRequest, server: Served, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    connection = server.http()
    app = App.created(connection, f"own-{request.param}")
    connection.close()
    output = tmp_path_factory.mktemp("services") / f"{request.param}.output"
    with service(server, app, words(request.param), output) as started:
        yield started


def errors(running: Service, value: str) -> list[str]:
    """The ids of the events that tell an error of this text."""
    found = [each for each in running.events() if (each["stack"] or {}).get("value") == value]
    return [each["event_id"] for each in found]


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/items/1", "/items/{item}"),
        ("/async/items/1", "/async/items/{item}"),
        ("/shops/north/orders/paid/7", "/shops/{shop}/orders/{state}/{rest}"),
        ("/shops/north/export.csv.gz", "/shops/{shop}/export.{kind}/"),
    ],
)
def test_routes_of_paths_and_regular_expressions(running: Service, path: str, route: str) -> None:
    assert running.ask(path).answer.status == 200
    assert running.request(path)["route"] == route


def test_a_file_is_told_with_its_size(running: Service) -> None:
    content = Path(services).with_name("settings.py").read_bytes()
    assert running.ask("/file").answer.body == content
    assert running.request("/file")["response_bytes"] == len(content)


@pytest.mark.parametrize(("path", "status"), [("/missing", 404), ("/denied", 403)])
def test_an_answer_that_is_raised_is_no_error(running: Service, path: str, status: int) -> None:
    before = len(running.events())
    assert running.ask(path).answer.status == status
    found = running.request(path)
    assert (found["route"], found["status"], found["event_id"]) == (path, status, None)
    assert len(running.events()) == before


def test_what_a_middleware_raises_is_told_and_linked(running: Service) -> None:
    assert running.ask("/middleware").answer.status == 500
    found = running.request("/middleware")
    assert (found["status"], [found["event_id"]]) == (500, errors(running, "/middleware"))


def test_so_is_what_an_asynchronous_view_raises(running: Service) -> None:
    assert running.ask("/async/boom/async-lost").answer.status == 500
    found = running.request("/async/boom/async-lost")
    assert (found["status"], [found["event_id"]]) == (500, errors(running, "async-lost"))


def test_and_its_body(running: Service) -> None:
    running.cut_off("/async/cut/async-half")
    found = running.request("/async/cut/async-half")
    assert (found["status"], [found["event_id"]]) == (200, errors(running, "async-half"))


def test_an_asynchronous_stream_takes_as_long_as_its_last_byte(running: Service) -> None:
    asked = running.ask("/async/stream/5")
    found = running.request("/async/stream/5")
    assert found["response_bytes"] == len(asked.answer.body) == 40
    assert 200 <= found["duration_ms"] <= asked.milliseconds


@pytest.mark.parametrize("path", ["/stream/40", "/async/stream/40"])
def test_who_goes_away_ends_the_request(running: Service, path: str) -> None:
    with socket.create_connection(("127.0.0.1", running.port), timeout=10) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
        time.sleep(0.2)
    time.sleep(2.5)  # the 40 pieces take two seconds
    found = running.request(path)
    assert (found["status"], found["event_id"]) == (200, None)


@pytest.mark.parametrize("path", ["/stream/3", "/async/stream/3", "/items/3"])
def test_an_answer_that_another_middleware_drops_is_told(running: Service, path: str) -> None:
    assert running.ask(path, X_Drop="1").answer.body == b"dropped"
    assert running.request(path)["status"] == 200
