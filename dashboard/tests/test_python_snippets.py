"""The snippets of the setup page for Python, pasted into programs under their real servers."""

import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dashboard.client_wheel import wheel
from dashboard.tests.pasting import KEY, environment, run, sent, steps
from ingest.tests.serving import App, Http
from loghandler.tests.running import eventually, free_port

FASTAPI = """
from fastapi import FastAPI
app = FastAPI()
{code}
@app.get("/users/{{id}}")
async def user(id: int):
    logging.getLogger("shop").warning("User %s asked", id)
    return {{}}

@app.get("/boom")
async def boom():
    return 1 / 0
"""
FLASK = """
from flask import Flask
app = Flask("shop")
{code}
@app.get("/users/<int:id>")
def user(id):
    app.logger.warning("User %s asked", id)
    return {{}}

@app.get("/boom")
def boom():
    return 1 / 0
"""
DJANGO_SETTINGS = """
SECRET_KEY = "only-here"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "urls"
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
{code}
"""
DJANGO_URLS = """
import logging
from django.http import JsonResponse
from django.urls import path

def user(request, id):
    logging.getLogger("shop").warning("User %s asked", id)
    return JsonResponse({})

urlpatterns = [path("users/<int:id>", user), path("boom", lambda request: 1 / 0)]
"""
MANAGE = """
import os, sys
from django.core.management import execute_from_command_line
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
execute_from_command_line(sys.argv)
"""
SERVERS = {
    "fastapi": ["python", "-m", "uvicorn", "program:app", "--port", "{port}"],
    "flask": ["python", "-m", "flask", "--app", "program", "run", "--port", "{port}"],
    "django": ["python", "manage.py", "runserver", "--noreload", "{port}"],
}


def run_python(folder: Path, program: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    (folder / "program.py").write_text(program, "utf-8")
    return run(folder, "python", "program.py", code=code)


@contextmanager
def serving(folder: Path, command: list[str]) -> Iterator[Http]:
    """A service as its developer starts it, and ends it with Ctrl-C."""
    port = free_port()
    process = subprocess.Popen(
        [word.format(port=port) for word in command],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    http = Http(port)
    try:
        assert eventually(lambda: _answers(http))
        yield http
    finally:
        http.close()
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _answers(http: Http) -> bool:
    try:
        http.connection.connect()
    except OSError:
        return False
    return True


def test_what_pip_is_told_to_install_is_there(http: Http, app: App, address: str) -> None:
    for name in ("python", "fastapi", "requests-django"):
        install, *_ = steps(name, address, app)
        *_, url = shlex.split(install)
        assert http.get(url.removeprefix(address)).body == wheel().content


def test_python_sends_what_a_program_logs(
    http: Http, app: App, address: str, tmp_path: Path
) -> None:
    _, start = steps("python", address, app)
    program = start + (
        "import os, sys\n"
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
    done = run_python(tmp_path, program, code=1)
    assert "loghandler_client" not in done.stderr  # nothing went wrong
    counts = http.get(f"{app.path}/stats/top-messages").json["items"]
    assert {item["message"]: item["count"] for item in counts} == {
        "Order placed": 1_200,
        "It works": 1,
        "From a fork": 1,
        "ZeroDivisionError: division by zero": 1,
    }
    (failure,) = app.listed(http, "level=CRITICAL")
    assert failure["stack"]["type"] == "ZeroDivisionError"
    assert failure["stack"]["frames"][-1]["context_line"] == "1 / 0"


def test_a_service_that_is_away_does_not_stop_the_program(tmp_path: Path) -> None:
    _, start = steps("python", f"http://127.0.0.1:{free_port()}")
    assert "does not take events" in run_python(tmp_path, start).stderr


def test_what_is_refused_is_told_where_the_program_runs(
    http: Http, app: App, address: str, tmp_path: Path
) -> None:
    _, start = steps("python", address, App(app.id, KEY))
    assert "does not take events, trying again: 401" in run_python(tmp_path, start).stderr
    assert sent(http, app) == {}


@pytest.mark.parametrize("name", list(SERVERS))
@pytest.mark.parametrize("with_requests", [False, True])
def test_a_service_sends_its_log_its_failures_and_its_requests(
    http: Http, app: App, address: str, tmp_path: Path, name: str, with_requests: bool
) -> None:
    _, code, *attempts = steps(name, address, app)
    if with_requests:
        code += steps(f"requests-{name}", address, app)[1]
    program = {"fastapi": FASTAPI, "flask": FLASK, "django": DJANGO_SETTINGS}[name]
    file = "settings.py" if name == "django" else "program.py"
    (tmp_path / file).write_text(program.format(code=code), "utf-8")
    (tmp_path / "urls.py").write_text(DJANGO_URLS, "utf-8")
    (tmp_path / "manage.py").write_text(MANAGE, "utf-8")
    for attempt in attempts:
        assert "It works" in run(tmp_path, "sh", "-c", attempt).stderr  # the console has it too
    with serving(tmp_path, SERVERS[name]) as service:
        assert service.get("/users/42").status == 200
        assert service.get("/boom").status == 500
    events = sent(http, app)
    assert {"It works", "User 42 asked"} <= events.keys()
    (failure,) = (event for event in events.values() if event["stack"])
    assert (failure["level"], failure["stack"]["type"]) == ("ERROR", "ZeroDivisionError")
    found = http.get(f"{app.path}/requests").json["items"]
    if not with_requests:
        assert found == []
        return
    assert {(one["path"], one["route"], one["status"]) for one in found} == {
        ("/users/42", "/users/{id}", 200),
        ("/boom", "/boom", 500),
    }
    (broken,) = (one for one in found if one["status"] == 500)
    assert broken["event_id"] == failure["event_id"]
