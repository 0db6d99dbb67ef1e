"""Flask, Bottle, Pyramid, Falcon and Django: what is told of a request is what was answered."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from clients.python.tests.service import AGENT, Service, service, words
from ingest.tests.serving import App, Served

NAMES = ["flask", "bottle", "pyramid", "falcon", "django", "django-runserver", "django-uvicorn"]
PIECES = b"".join(b"piece %d\n" % number for number in range(5))


@pytest.fixture(scope="module", params=NAMES)
def running(
    request: pytest.FixtureRequest, server: Served, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """One of each framework, which sends what it logs, too."""
    connection = server.http()
    app = App.created(connection, f"wsgi-{request.param}")
    connection.close()
    output = tmp_path_factory.mktemp("services") / f"{request.param}.output"
    with service(server, app, words(request.param), output, CLIENT_LOGS="1") as started:
        yield started


def test_a_request_is_told_as_it_was(running: Service) -> None:
    began = datetime.now(UTC)
    asked = running.ask("/items/7?page=2", Referer="http://shop.example.com/list?from=here")
    assert (asked.answer.status, asked.answer.body) == (200, b"item 7")
    found = running.request("/items/7")
    assert (found["method"], found["route"], found["status"]) == ("GET", "/items/{item}", 200)
    assert (found["response_bytes"], found["request_bytes"]) == (6, None)
    assert (found["hostname"], found["ip_address"]) == (f"127.0.0.1:{running.port}", "127.0.0.1")
    assert (found["user_agent"], found["referrer"]) == (AGENT, "http://shop.example.com/list")
    assert running.output.name.startswith(found["framework"].lower())
    assert 0 <= found["duration_ms"] <= asked.milliseconds
    occurred = datetime.fromisoformat(found["occurred_at"])
    assert began - timedelta(milliseconds=1) <= occurred <= datetime.now(UTC)
    assert (found["event_id"], found["trace_id"]) == (None, None)


@pytest.mark.parametrize("size", [0, 1, 100_000])
def test_the_sizes_are_those_of_the_bodies(running: Service, size: int) -> None:
    asked = running.ask("/echo", "POST", b"x" * size, Host=f"{size}.example.com")
    assert (asked.answer.status, len(asked.answer.body)) == (201, size)
    running.stats()
    [found] = running.requests(f"hostname={size}.example.com")
    assert (found["method"], found["status"]) == ("POST", 201)
    assert (found["request_bytes"], found["response_bytes"]) == (size, size)


def test_a_streamed_answer_takes_as_long_as_its_last_byte(running: Service) -> None:
    asked = running.ask("/stream/5")
    assert asked.answer.body == PIECES
    found = running.request("/stream/5")
    assert found["response_bytes"] == len(PIECES)
    assert 200 <= found["duration_ms"] <= asked.milliseconds


def test_paths_and_routes(running: Service) -> None:
    long = "/shops/north/orders/open/a/b"
    for path, status in ((long, 200), ("/items/%C3%BC", 404), ("/%C3%BCber/us", 404)):
        assert running.ask(path).answer.status == status
    assert running.request(long)["route"] == "/shops/{shop}/orders/{state}/{rest}"
    assert running.request("/items/ü")["status"] == 404
    assert running.request("/über/us")["route"] == "/über/us"  # the server's own


def test_an_answer_to_head_has_no_body(running: Service) -> None:
    paths = ["/items/70", "/stream/2"]
    statuses = [running.ask(path, "HEAD").answer.status for path in paths]
    running.stats()
    found = [each for each in running.requests() if each["method"] == "HEAD"]
    assert [(each["path"], each["status"], each["response_bytes"]) for each in found] == [
        (path, status, 0) for path, status in zip(paths, statuses, strict=True)
    ]


@pytest.mark.parametrize("kind", ["boom", "logged"])
def test_what_a_handler_raises_is_told_once_and_linked(running: Service, kind: str) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    path, text = f"/{kind}/lost-{kind}", f"lost-{kind}"
    answer = running.ask(path, traceparent=f"00-{trace}-b7ad6b7169203331-01").answer
    assert answer.status == 500
    found = running.request(path)
    assert (found["status"], found["route"]) == (500, f"/{kind}/{{text}}")
    [event] = [each for each in running.events() if (each["stack"] or {}).get("value") == text]
    assert (event["event_id"], event["level"]) == (found["event_id"], "ERROR")
    assert (event["trace_id"], found["trace_id"]) == (trace, trace)
    assert event["stack"]["type"] == "ValueError"
    if kind == "logged":
        assert event["message"] == f"It failed: {text}"


def test_so_is_what_a_body_raises(running: Service) -> None:
    assert b"onetwo".startswith(running.cut_off("/cut/half"))
    found = running.request("/cut/half")
    assert (found["status"], found["response_bytes"]) == (200, 6)
    [event] = [each for each in running.events() if "half" in each["message"]]
    assert event["event_id"] == found["event_id"]


def test_an_error_that_the_service_answers_is_none_of_ours(running: Service) -> None:
    assert running.ask("/refused").answer.status == 418
    found = running.request("/refused")
    assert (found["status"], found["event_id"]) == (418, None)
    assert "Refused" not in {(each["stack"] or {}).get("type") for each in running.events()}


def test_unless_it_answers_with_a_failure(running: Service) -> None:
    assert running.ask("/broken").answer.status == 503
    found = running.request("/broken")
    [event] = [each for each in running.events() if each["event_id"] == found["event_id"]]
    assert (found["status"], event["stack"]["value"]) == (503, "out of order")


def test_requests_at_the_same_time_keep_their_errors(running: Service) -> None:
    texts = [f"same-{number}" for number in range(40)]
    paths = [f"/{'boom' if number % 2 else 'logged'}/same-{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        assert {asked.answer.status for asked in pool.map(running.ask, paths)} == {500}
    running.stats()
    found = {each["path"]: each for each in running.requests("status=500")}
    events = {each["event_id"]: each for each in running.events()}
    linked = [events[found[path]["event_id"]]["stack"]["value"] for path in paths]
    assert linked == texts


def test_the_client_has_sent_all_and_failed_at_nothing(running: Service) -> None:
    sent, *others = running.stats()[1:]
    assert others == [0, 0, 0, 0]
    assert sent == len(running.requests()) + len(running.events())
