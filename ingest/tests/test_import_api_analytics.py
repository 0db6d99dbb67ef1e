"""Requests that API Analytics has stored are imported: from its Data API, from its tables."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.core.management import CommandError, call_command

from applications.factories import create_application
from ingest import importing
from ingest.tests.serving import App, Http, Served, database_url
from loghandler.tests.running import free_port
from traffic.models import Request

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
# The tables of its self-hosting/database/schema.sql, as far as they are read.
SCHEMA = """
    CREATE TABLE user_agents (id serial PRIMARY KEY, user_agent varchar(255) UNIQUE);
    CREATE TABLE requests (
        request_id serial PRIMARY KEY, api_key uuid NOT NULL, method smallint NOT NULL,
        created_at timestamptz NOT NULL, path varchar(255), status smallint,
        response_time smallint, framework smallint, hostname varchar(255), ip_address cidr,
        location varchar(2), user_id varchar(255), user_agent_id int
    );
"""


def imported(application: str, *options: str) -> str:
    out = StringIO()
    call_command("import_api_analytics", application, *options, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.fixture
def database() -> Iterator[str]:
    """Another database with its tables, and four requests of one key."""
    name = f"api_analytics_{os.getpid()}_{free_port()}"
    server = os.environ["DATABASE_URL"]
    address = database_url(name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            with psycopg.connect(address, autocommit=True) as made:
                made.execute(SCHEMA)
            yield address
        finally:
            connection.execute(f"DROP DATABASE {name}")


def insert(address: str, key: str, *rows: dict[str, Any]) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO user_agents (user_agent) VALUES ('curl/8') ON CONFLICT DO NOTHING"
        )
        for row in rows:
            values = {
                "api_key": key, "method": 1, "created_at": NOW, "path": "/a", "status": 200,
                "response_time": 7, "framework": 0, "hostname": "a.example", "ip_address": None,
                "location": None, "user_id": None, "user_agent_id": 1, **row,
            }  # fmt: skip
            names, marks = ", ".join(values), ", ".join(["%s"] * len(values))
            statement: Any = f"INSERT INTO requests ({names}) VALUES ({marks})"  # noqa: S608
            connection.execute(statement, list(values.values()))


def test_its_tables_are_read_once(database: str) -> None:
    application, key = create_application(), str(uuid4())
    insert(
        database,
        key,
        {"created_at": NOW - timedelta(days=3), "path": "/users/7", "location": "DE"},
        {"framework": 12, "ip_address": "192.0.2.7", "user_agent_id": None},
        {"created_at": NOW - timedelta(days=400)},
        {"method": 99},
    )
    insert(database, str(uuid4()), {"path": "/another's"})
    said = imported(application.name, "--key", key, "--database", database)
    assert said == (
        "Stored 2 requests; 0 were here already, 1 are older than what is kept, 1 can't be read.\n"
    )
    older, newer = Request.objects.of(application.pk).oldest_first()
    assert (older.route, older.method, older.country) == ("/users/{id}", "POST", "DE")
    assert (older.framework, older.client, older.duration_ms) == ("FastAPI", "curl", 7)
    assert abs(older.occurred_at - (NOW - timedelta(days=3))) < timedelta(milliseconds=1)
    assert (newer.framework, newer.ip_address, newer.client) == ("Django", "192.0.2.7", None)
    insert(database, key, {"path": "/new"})
    said = imported(application.name, "--key", key, "--database", database)
    assert said.startswith("Stored 1 requests; 2 were here already")


def test_a_database_that_is_not_there_is_told(database: str) -> None:
    application = create_application()
    with pytest.raises(CommandError, match="The database can't be read"):
        imported(application.name, "--key", "k", "--database", database_url("not_there"))
    with pytest.raises(CommandError, match="The database can't be read"):  # no UUID
        imported(application.name, "--key", "k", "--database", database)


@pytest.mark.parametrize("rows_of_a_page", [4, 50_000])
def test_its_data_api_is_read_to_the_last_page(
    server: Served, http: Http, app: App, monkeypatch: pytest.MonkeyPatch, rows_of_a_page: int
) -> None:
    sent = [
        {"method": "GET", "path": f"/items/{n}", "status": 200, "duration_ms": n,
         "occurred_at": (NOW - timedelta(minutes=n)).isoformat(), "user_id": f"u{n}"}
        for n in range(9)
    ]  # fmt: skip
    for one in sent:
        assert (
            http.call("POST", f"{app.path}/requests", _json(one), X_INGEST_KEY=app.key).status
            == 201
        )
    read_key = server.manage("create_key", str(app.id), "--kind", "read", "--json")
    key = _secret(read_key)
    application = create_application()
    pages = []
    page_of = importing._page

    def page(server: str, key: str, page: int) -> list[Any]:
        pages.append(page)
        found = page_of(server, key, 1)
        return found[(page - 1) * rows_of_a_page :][:rows_of_a_page]

    monkeypatch.setattr(importing, "_page", page)
    monkeypatch.setattr(importing, "PAGE_ROWS", rows_of_a_page)
    options = ("--key", key, "--server", f"http://127.0.0.1:{server.port}/")
    assert "Stored 9 requests; 0 were here already" in imported(application.name, *options)
    assert "Stored 0 requests; 9 were here already" in imported(application.name, *options)
    assert pages == ([1, 2, 3] if rows_of_a_page == 4 else [1]) * 2
    stored = Request.objects.of(application.pk).newest_first()
    assert [one.path for one in stored] == [one["path"] for one in sent]
    assert {one.user for one in stored} == {f"u{n}" for n in range(9)}


def test_a_key_that_the_server_refuses_is_told(server: Served) -> None:
    application = create_application()
    with pytest.raises(CommandError, match="answered 401"):
        imported(application.name, "--key", "0" * 32, "--server", f"http://127.0.0.1:{server.port}")


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _secret(answer: str) -> str:
    return str(json.loads(answer)["key"])
