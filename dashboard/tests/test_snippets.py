"""The snippets of the setup page, pasted and run against a real server."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from dashboard.snippets import REQUEST_WAYS, WAYS, Step, request_ways, ways
from ingest.tests.serving import App, Http, Served, served
from loghandler.tests.running import free_port

KEY = "0123456789abcdef" * 2
PYTHON_WAYS = ["python", "django", "flask", "fastapi"]
_numbers = count(1)

FLASK = """
import logging
from types import SimpleNamespace
app = SimpleNamespace(logger=logging.getLogger("shop"))
{code}
logging.getLogger("werkzeug").info("GET / 200")
try:
    1 / 0
except ZeroDivisionError:
    app.logger.exception("Exception on / [GET]")
"""
FASTAPI = """
import asyncio
from types import SimpleNamespace

class FastAPI:
    def middleware(self, kind):
        assert kind == "http"
        return lambda function: setattr(self, "around", function)

app = FastAPI()
{code}
async def respond(request):
    if request.url.path == "/boom":
        raise ZeroDivisionError("division by zero")
    return "fine"

def call(path):
    request = SimpleNamespace(method="GET", url=SimpleNamespace(path=path))
    return asyncio.run(app.around(request, respond))

assert call("/") == "fine"
try:
    call("/boom")
except ZeroDivisionError:
    print("raised again")
"""
DJANGO_SETTINGS = """
SECRET_KEY = "only-here"
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "urls"
{code}
"""
DJANGO_URLS = """
from django.urls import path
urlpatterns = [path("boom/", lambda request: 1 / 0)]
"""
MANAGE = """
import os, sys
from django.core.management import execute_from_command_line
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
execute_from_command_line(sys.argv)
"""
VISIT = """
from django.test import Client
answer = Client(raise_request_exception=False).get("/boom/")
assert answer.status_code == 500
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served"), LOGHANDLER_API_ACCESS="open") as started:
        yield started


@pytest.fixture
def http(server: Served) -> Iterator[Http]:
    client = server.http()
    yield client
    client.close()


@pytest.fixture
def app(http: Http) -> App:
    return App.created(http, f"snippets-{next(_numbers)}")


@pytest.fixture
def url(server: Served, app: App) -> str:
    return f"http://127.0.0.1:{server.port}{app.path}/events"


def steps(name: str, url: str, key: str) -> list[str]:
    (way,) = (way for way in ways(url, key) if way.name == name)
    return [step.code for step in way.steps]


def run(folder: Path, *command: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """A command in the folder, with the Python of the tests as `python` and nothing of ours."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": path, "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done


def run_python(folder: Path, module: str, program: str, code: int = 0) -> Any:
    (folder / "log_events.py").write_text(module, "utf-8")
    (folder / "program.py").write_text(program, "utf-8")
    return run(folder, "python", "program.py", code=code)


def sent(http: Http, app: App) -> dict[str, Any]:
    """Message → event, of all that arrived."""
    return {event["message"]: event for event in app.listed(http, "limit=50")}


def test_curl_sends_an_event(http: Http, app: App, url: str, tmp_path: Path) -> None:
    (command,) = steps("curl", url, app.key)
    assert run(tmp_path, "sh", "-c", command).stdout.startswith("HTTP/1.1 201")
    assert sent(http, app)["It works"]["level"] == "ERROR"


def test_python_sends_what_a_program_logs(http: Http, app: App, url: str, tmp_path: Path) -> None:
    module, start = steps("python", url, app.key)
    program = start + (
        "import os\n"
        "for number in range(1_200):\n"
        "    logging.getLogger('shop').info('Order placed')\n"
        "if not os.fork():\n"
        "    logging.warning('From a fork')\n"
        "    sys.exit()\n"
        "os.wait()\n"
        "if not os.fork():\n"
        "    sys.exit()  # has nothing to wait for\n"
        "os.wait()\n"
        "1 / 0\n"
    )
    done = run_python(tmp_path, module, program, code=1)
    assert "not sent" not in done.stderr
    counts = http.get(f"{app.path}/stats/top-messages").json["items"]
    assert {item["message"]: item["count"] for item in counts} == {
        "Order placed": 1_200,
        "It works": 1,
        "From a fork": 1,
        "Uncaught ZeroDivisionError": 1,
    }
    (failure,) = app.listed(http, "level=CRITICAL")
    assert failure["stack"].endswith("ZeroDivisionError: division by zero\n")
    assert failure["tags"]["file"] == "program.py"


@pytest.mark.parametrize("name", ["python", "node"])
def test_a_service_that_is_away_does_not_stop_the_program(name: str, tmp_path: Path) -> None:
    first, second = steps(name, f"http://127.0.0.1:{free_port()}/apps/1/events", KEY)
    runs = {"python": run_python, "node": run_node}
    assert "not sent" in runs[name](tmp_path, first, second).stderr


@pytest.mark.parametrize("name", ["python", "node"])
def test_what_is_refused_is_told_where_the_program_runs(
    name: str, http: Http, app: App, url: str, tmp_path: Path
) -> None:
    first, second = steps(name, url, KEY)
    runs = {"python": run_python, "node": run_node}
    assert "not sent" in (told := runs[name](tmp_path, first, second).stderr)
    assert "401" in told
    assert sent(http, app) == {}


def test_django_sends_errors_of_views(http: Http, app: App, url: str, tmp_path: Path) -> None:
    module, settings, attempt = steps("django", url, app.key)
    files = {
        "log_events.py": module,
        "settings.py": DJANGO_SETTINGS.format(code=settings),
        "urls.py": DJANGO_URLS,
        "manage.py": MANAGE,
        "visit.py": VISIT,
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content, "utf-8")
    assert "It works" in run(tmp_path, "sh", "-c", attempt).stderr  # the console has it too
    run(tmp_path, "python", "manage.py", "shell", "-c", "import visit")
    events = sent(http, app)
    assert events["It works"]["level"] == "ERROR"
    failure = events["Internal Server Error: /boom/"]
    assert (failure["level"], failure["logger"]) == ("ERROR", "django.request")
    assert "ZeroDivisionError" in failure["stack"]


def test_flask_sends_what_its_logger_is_told(
    http: Http, app: App, url: str, tmp_path: Path
) -> None:
    module, start = steps("flask", url, app.key)
    run_python(tmp_path, module, FLASK.format(code=start))
    events = sent(http, app)
    assert set(events) == {"It works", "Exception on / [GET]"}
    assert "ZeroDivisionError" in events["Exception on / [GET]"]["stack"]


def test_fastapi_sends_failures_of_requests(http: Http, app: App, url: str, tmp_path: Path) -> None:
    module, start = steps("fastapi", url, app.key)
    assert "raised again" in run_python(tmp_path, module, FASTAPI.format(code=start)).stdout
    events = sent(http, app)
    assert "It works" in events
    assert "ZeroDivisionError" in events["GET /boom failed"]["stack"]


def run_node(folder: Path, module: str, program: str, code: int = 0) -> Any:
    if not shutil.which("node"):
        pytest.skip("there is no node")
    (folder / "log-events.mjs").write_text(module, "utf-8")
    (folder / "program.mjs").write_text(program, "utf-8")
    return run(folder, "node", "program.mjs", code=code)


def test_node_sends_events_and_what_nobody_catches(
    http: Http, app: App, url: str, tmp_path: Path
) -> None:
    module, start = steps("node", url, app.key)
    run_node(tmp_path, module, start + 'Promise.reject(new Error("Boom"));\n', code=1)
    events = sent(http, app)
    assert events["It works"]["level"] == "ERROR"
    assert events["Boom"]["level"] == "CRITICAL"
    assert "program.mjs" in events["Boom"]["stack"]


def test_the_request_for_agents_is_answered_as_it_says(http: Http, app: App, url: str) -> None:
    (description,) = steps("http", url, app.key)
    _, request, body, *_ = description.split("\n\n")
    line, *headers = request.split("\n")
    method, address = line.split(" ")
    assert address == url
    named = {name.replace("-", "_"): value for name, value in (h.split(": ") for h in headers)}
    path = address.removeprefix(f"http://127.0.0.1:{http.connection.port}")
    assert http.call(method, path, body.encode(), **named).status == 201
    both = http.call(method, path, f"[{body},{body}]".encode(), **named)
    assert both.status == 201
    assert both.body.decode().replace(" ", "") in description.replace(" ", "")


# --- Without a server --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["http://[::1]:8000/apps/1/events", "https://a/b?c=d&e='f\"$(id)`id`\\", "https://ż/a b"]
)
def test_an_address_is_quoted_as_its_language_asks(url: str) -> None:
    (command,) = steps("curl", url, KEY)
    assert shlex.split(command.replace("\\\n", ""))[:3] == ["curl", "-i", url]
    scope: dict[str, Any] = {}
    exec(steps("python", url, KEY)[0], scope)  # noqa: S102
    assert scope["URL"] == url
    assert scope["HEADERS"]["X-INGEST-KEY"] == KEY


@pytest.mark.parametrize("key", ["", "a'b", 'a"b', "a\nb", "a$b", "a</code>"])
def test_what_can_not_be_a_key_is_in_no_snippet(key: str) -> None:
    with pytest.raises(ValueError, match="no ingest key"):
        ways("http://127.0.0.1:8000/apps/1/events", key)


def test_every_way_has_the_address_and_the_key_and_nothing_left_to_fill_in() -> None:
    found = ways("http://127.0.0.1:8000/apps/1/events", KEY)
    assert [way.name for way in found] == WAYS
    for way in found:
        text = "".join(step.code for step in way.steps)
        assert text.count("http://127.0.0.1:8000/apps/1/events") == 1
        assert KEY in text
        assert not re.search(r"EVENTS_URL|(?<!X-)INGEST_KEY|INGEST_KEY_", text)


def test_python_of_every_way_is_short_and_compiles() -> None:
    for way in ways("http://127.0.0.1:8000/apps/1/events", KEY):
        for step in way.steps:
            assert max(map(len, step.code.splitlines())) <= 90
            if way.name in PYTHON_WAYS and not _is_shell(step):
                compile(step.code, way.name, "exec")


def _is_shell(step: Step) -> bool:
    return step.code.startswith("python ")


def request_steps(url: str, key: str) -> dict[str, str]:
    server_url = url.partition("/apps/")[0]
    requests_url = url.replace("/events", "/requests")
    return {
        way.name: "\n".join(step.code for step in way.steps)
        for way in request_ways(server_url, requests_url, key)
    }


def test_a_request_is_sent_from_a_terminal(http: Http, app: App, url: str, tmp_path: Path) -> None:
    code = request_steps(url, app.key)["requests-curl"]
    assert "201" in run(tmp_path, "sh", "-c", code).stdout
    (stored,) = http.get(f"{app.path}/requests").json["items"]
    assert (stored["route"], stored["duration_ms"]) == ("/users/{id}", 12.5)


@pytest.mark.parametrize(
    ("way", "before"),
    [
        ("requests-fastapi", "from fastapi import FastAPI\napp = FastAPI()"),
        ("requests-flask", "from flask import Flask\napp = Flask('x')"),
        ("requests-django", "MIDDLEWARE = []"),
    ],
)
def test_a_middleware_is_added_as_the_snippet_says(
    url: str, app: App, tmp_path: Path, way: str, before: str
) -> None:
    code = request_steps(url, app.key)[way]
    assert app.key in code
    run(tmp_path, sys.executable, "-c", f"{before}\n{code}")


def test_javascript_for_requests_has_the_address_and_the_key(url: str, app: App) -> None:
    code = request_steps(url, app.key)["requests-express"]
    assert f'"{app.key}"' in code
    assert f'config.serverUrl = "{url.partition("/apps/")[0]}"' in code
    assert set(request_steps(url, app.key)) == set(REQUEST_WAYS)
