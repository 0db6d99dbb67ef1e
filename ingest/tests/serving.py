"""A real gunicorn on a real port, over a database of its own; and clients of one socket each."""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connections
from psycopg import sql

from loghandler.tests.running import ROOT, children, eventually, free_port

PATIENCE = 20.0
WSGI = "loghandler.wsgi:application"


def database_url(name: str) -> str:
    """The address of another database on the server of the tests."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def environment_of_tests() -> dict[str, str]:
    """For a process that shall work on the very database of the running test."""
    name = connections["default"].settings_dict["NAME"]
    settings = {"DJANGO_SETTINGS_MODULE": "loghandler.settings"}
    return {**os.environ, **settings, "DATABASE_URL": database_url(name)}


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Http:
    """One kept-alive connection, which says when the server has closed it."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def call(
        self, method: str, path: str, body: bytes | Iterable[bytes] | None = None, **headers: str
    ) -> Answer:
        """Send a request; a body of pieces goes chunked. Headers are written with `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            named["Transfer-Encoding"] = "chunked"
        self.connection.request(
            method, path, body, named, encode_chunked="Transfer-Encoding" in named
        )
        response = self.connection.getresponse()
        content = response.read()
        lower = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, lower, content)

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, None, **headers)

    def close(self) -> None:
        self.connection.close()


class App(NamedTuple):
    """An application and what it takes to send to it."""

    id: int
    key: str

    @classmethod
    def created(cls, http: Http, name: str) -> "App":
        answer = http.call("POST", f"/apps/{name}")
        assert answer.status == 201, answer.body
        return cls(answer.json["id"], answer.json["ingest_key"])

    @property
    def path(self) -> str:
        return f"/apps/{self.id}"

    def send(self, http: Http, body: Any, *, kind: str = "events", **headers: str) -> Answer:
        """Send events, or requests; what is neither bytes nor an iterator is sent as JSON."""
        if not isinstance(body, bytes | Iterator):
            body = json.dumps(body).encode()
        given = {"X_INGEST_KEY": self.key, "Content_Type": "application/json", **headers}
        return http.call("POST", f"{self.path}/{kind}", body, **given)

    def listed(self, http: Http, query: str = "") -> list[Any]:
        answer = http.get(f"{self.path}/events?{query}")
        assert answer.status == 200, answer.body
        items: list[Any] = answer.json["items"]
        return items

    def all_listed(self, http: Http, kind: str = "events", query: str = "") -> list[Any]:
        """Of however many pages, the newest first."""
        found: list[Any] = []
        cursor = ""
        while True:
            page = http.get(f"{self.path}/{kind}?limit=50&{query}{cursor}").json
            found += page["items"]
            if not page["next_cursor"]:
                return found
            cursor = f"&cursor={page['next_cursor']}"

    def messages(self, http: Http, query: str = "") -> list[str]:
        return [event["message"] for event in self.listed(http, query)]


class Served:
    """A gunicorn as `manage.py up` starts it, ready to answer."""

    def __init__(self, folder: Path, database_url: str, **environment: str) -> None:
        self.port = free_port()
        self.database_url = database_url
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
            "LOGHANDLER_WEB_WORKERS": "1",
            **environment,
        }
        self.output = folder / "gunicorn.output"
        self.manage("prepare")
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "loghandler/gunicorn.py", WSGI],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def ready(self) -> "Served":
        answered = eventually(self.is_alive, PATIENCE)
        assert answered, self.output.read_text()
        return self

    def manage(self, *words: str) -> str:
        """What a command of ours says; it runs beside the server, as an operator's does."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def http(self) -> Http:
        return Http(self.port)

    def is_alive(self) -> bool:
        assert self.process.poll() is None, self.output.read_text()
        client = self.http()
        try:
            return client.get("/livez").status == 200
        except OSError:
            return False
        finally:
            client.close()

    def workers(self) -> list[int]:
        return children(self.process.pid)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
                raise


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all tests below a conftest; each makes an application of its own."""
    with served(tmp_path_factory.mktemp("served"), LOGHANDLER_API_ACCESS="open") as started:
        yield started


@pytest.fixture
def http_connection(server: Served) -> Iterator[Http]:
    client = server.http()
    yield client
    client.close()


@contextmanager
def served(folder: Path, **environment: str) -> Iterator[Served]:
    """A server over a database that is made and dropped beside the one of the tests."""
    name = f"loghandler_served_{os.getpid()}_{free_port()}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            server = Served(folder, database_url(name), **environment)
            try:
                yield server.ready()
            finally:
                server.stop()
        finally:
            dropping = sql.SQL("DROP DATABASE {} WITH (FORCE)")
            connection.execute(dropping.format(sql.Identifier(name)))
