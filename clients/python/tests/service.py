"""A service of the tests under its real server, and what the Log Handler has of it."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from ingest.tests.serving import Answer, App, Http, Served
from loghandler.tests.running import ROOT, eventually, free_port

SOURCE = Path(__file__).parents[1] / "src"
SERVICES = "clients.python.tests.wsgi_services"
GTHREAD = ("-k", "gthread", "--threads", "8")
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"


class Asked(NamedTuple):
    """An answer, and how long it took until its last byte was here."""

    answer: Answer
    milliseconds: float


class Service:
    """A running service and the application that it tells."""

    def __init__(self, server: Served, app: App, port: int, output: Path, below: str) -> None:
        self.server, self.app, self.port, self.output = server, app, port, output
        self._below = below

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **more: str) -> Asked:
        """Ask by a connection of its own; the user agent is AGENT unless another is told."""
        connection = Http(self.port)
        began = time.perf_counter()
        try:
            answer = connection.call(
                method, self._below + path, body, **{"User_Agent": AGENT, **more}
            )
            return Asked(answer, (time.perf_counter() - began) * 1_000)
        finally:
            connection.close()

    def cut_off(self, path: str) -> bytes:
        """What is received of an answer that ends before its end."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path)
        try:
            return connection.getresponse().read()
        except http.client.IncompleteRead as error:
            return error.partial
        finally:
            connection.close()

    def stats(self) -> list[int]:
        """The process, and what its client has sent, what waits, was dropped, refused, failed."""
        found: list[int] = json.loads(self.ask("/-/stats").answer.body)
        return found

    def requests(self, query: str = "") -> list[Any]:
        """All requests that are told, the oldest first."""
        return self._listed("requests", query)

    def events(self) -> list[Any]:
        return self._listed("events", "")

    def request(self, path: str) -> Any:
        """The only one of a path, after all is sent."""
        self.stats()
        [found] = [each for each in self.requests() if each["path"] == path]
        return found

    def _listed(self, kind: str, query: str) -> list[Any]:
        connection = self.server.http()
        try:
            return self.app.all_listed(connection, kind, query)[::-1]
        finally:
            connection.close()


def gunicorn(name: str, *words: str) -> list[str]:
    return ["-m", "gunicorn", "-b", "127.0.0.1:{port}", *words, f"{SERVICES}.{name}_service:app"]


# Django under its other servers; uvicorn itself would believe whatever address is forwarded.
OTHERS = {
    "django-runserver": ["-m", "django", "runserver", "--noreload", "127.0.0.1:{port}"],
    "django-uvicorn": [
        *("-m", "uvicorn", "--port", "{port}", "--no-proxy-headers"),
        f"{SERVICES}.django_service:asgi",
    ],
}


def words(name: str) -> list[str]:
    """What starts a service: `flask`, …, `django-uvicorn`."""
    return OTHERS[name] if name in OTHERS else gunicorn(name, *GTHREAD)


@contextmanager
def service(
    server: Served,
    app: App,
    words: Sequence[str],
    output: Path,
    *,
    below: str = "",
    config: dict[str, Any] | None = None,
    **environment: str,
) -> Iterator[Service]:
    """Python with these words, in which {port} is that of the service; mounted `below` a path."""
    port = free_port()
    wanted = {
        **os.environ,
        "PYTHONPATH": f"{SOURCE}{os.pathsep}{ROOT}",
        "PYTHONWARNINGS": "default",
        "DJANGO_SETTINGS_MODULE": f"{SERVICES}.django_settings",
        "CLIENT_URL": f"http://127.0.0.1:{server.port}",
        "CLIENT_KEY": app.key,
        "CLIENT_CONFIG": json.dumps(config or {}),
        "SCRIPT_NAME": below,
        **environment,
    }
    with output.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, *(word.format(port=port) for word in words)],
            cwd=ROOT,
            env=wanted,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    found = Service(server, app, port, output, below)
    try:
        assert eventually(lambda: _answers(found, process), 20), output.read_text()
        yield found
    finally:
        process.terminate()
        process.wait(20)


def _answers(service: Service, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, service.output.read_text()
    try:
        return service.ask("/-/stats").answer.status == 200
    except OSError:
        return False
