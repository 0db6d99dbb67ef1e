"""The snippets of the setup page for terminals, Node and plain HTTP; how all are filled in."""

import ast
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from dashboard.snippets import REQUEST_WAYS, WAYS, Step, request_ways, ways
from dashboard.tests.pasting import KEY, NOWHERE, run, sent, steps
from ingest.tests.serving import App, Http
from loghandler.tests.running import free_port


def test_curl_sends_an_event(http: Http, app: App, address: str, tmp_path: Path) -> None:
    (command,) = steps("curl", address, app)
    assert run(tmp_path, "sh", "-c", command).stdout.startswith("HTTP/1.1 201")
    assert sent(http, app)["It works"]["level"] == "ERROR"


def test_a_request_is_sent_from_a_terminal(
    http: Http, app: App, address: str, tmp_path: Path
) -> None:
    (command,) = steps("requests-curl", address, app)
    assert "201" in run(tmp_path, "sh", "-c", command).stdout
    (stored,) = http.get(f"{app.path}/requests").json["items"]
    assert (stored["route"], stored["duration_ms"]) == ("/users/{id}", 12.5)


def run_node(folder: Path, module: str, program: str, code: int = 0) -> Any:
    if not shutil.which("node"):
        pytest.skip("there is no node")
    (folder / "log-events.mjs").write_text(module, "utf-8")
    (folder / "program.mjs").write_text(program, "utf-8")
    return run(folder, "node", "program.mjs", code=code)


def test_node_sends_events_and_what_nobody_catches(
    http: Http, app: App, address: str, tmp_path: Path
) -> None:
    module, start = steps("node", address, app)
    run_node(tmp_path, module, start + 'Promise.reject(new Error("Boom"));\n', code=1)
    events = sent(http, app)
    assert events["It works"]["level"] == "ERROR"
    assert events["Boom"]["level"] == "CRITICAL"
    assert "program.mjs" in events["Boom"]["stack"]


def test_a_service_that_is_away_does_not_stop_node(tmp_path: Path) -> None:
    module, start = steps("node", f"http://127.0.0.1:{free_port()}")
    assert "not sent" in run_node(tmp_path, module, start).stderr


def test_what_is_refused_is_told_where_node_runs(
    http: Http, app: App, address: str, tmp_path: Path
) -> None:
    module, start = steps("node", address, App(app.id, KEY))
    assert "not sent: 401" in run_node(tmp_path, module, start).stderr
    assert sent(http, app) == {}


def test_the_request_for_agents_is_answered_as_it_says(http: Http, app: App, address: str) -> None:
    (description,) = steps("http", address, app)
    _, request, body, *_ = description.split("\n\n")
    line, *headers = request.split("\n")
    method, url = line.split(" ")
    assert url == f"{address}{app.path}/events"
    named = {name.replace("-", "_"): value for name, value in (h.split(": ") for h in headers)}
    path = url.removeprefix(address)
    assert http.call(method, path, body.encode(), **named).status == 201
    both = http.call(method, path, f"[{body},{body}]".encode(), **named)
    assert both.status == 201
    assert both.body.decode().replace(" ", "") in description.replace(" ", "")


# --- How they are filled, without a server ------------------------------------------------------


@pytest.mark.parametrize(
    "server", ["http://[::1]:8000", "https://a/b?c=d&e='f\"$(id)`id`\\", "https://ż/a b"]
)
def test_an_address_is_quoted_as_its_language_asks(server: str) -> None:
    (command,) = steps("curl", server)
    words = shlex.split(command.replace("\\\n", ""))
    assert words[:3] == ["curl", "-i", f"{server}/apps/1/events"]
    install, start = steps("python", server)
    assert shlex.split(install)[:2] == ["pip", "install"]
    assert shlex.split(install)[2].startswith(f"{server}/client/loghandler_client-")
    texts = {node.value for node in ast.walk(ast.parse(start)) if isinstance(node, ast.Constant)}
    assert {server, KEY} <= texts


@pytest.mark.parametrize("key", ["", "a'b", 'a"b', "a\nb", "a$b", "a</code>"])
def test_what_can_not_be_a_key_is_in_no_snippet(key: str) -> None:
    with pytest.raises(ValueError, match="no ingest key"):
        ways(NOWHERE, 1, key)


def test_every_way_has_the_address_and_the_key_and_nothing_left_to_fill_in() -> None:
    found, of_requests = ways(NOWHERE, 1, KEY), request_ways(f"{NOWHERE}/", 1, KEY)
    assert [way.name for way in found] == WAYS
    assert [way.name for way in of_requests] == REQUEST_WAYS
    for way in (*found, *of_requests):
        text = "".join(step.code for step in way.steps if not _installs(step))
        assert text.count(NOWHERE) == text.count(KEY) == 1
        assert f"{NOWHERE}//" not in text
        assert not re.search(r"[A-Z]_URL|(?<!X-)INGEST_KEY|INGEST_KEY_", text)


def test_every_step_is_short() -> None:
    for way in (*ways(NOWHERE, 1, KEY), *request_ways(NOWHERE, 1, KEY)):
        for step in way.steps:
            assert max(map(len, step.code.splitlines())) <= 90


def _installs(step: Step) -> bool:
    return step.code.startswith("pip install ")
