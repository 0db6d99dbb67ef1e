"""Refusals through a real gunicorn: soon in the database, few writes, none lost at a stop."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from ingest.tests.serving import App, Http, Served, served
from loghandler.tests.running import eventually

SOON = 2.0  # seconds: what the pages of the dashboard promise
EVENT = {"message": "Boom"}
RECORDED = """
    SELECT status, reason, sum(n)::int FROM ingest_refusalcount
    WHERE application_id = %s GROUP BY status, reason
"""


@pytest.fixture
def database(server: Served) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(server.database_url, autocommit=True) as connection:
        yield connection


def recorded(connection: psycopg.Connection[Any], application_id: int) -> list[Any]:
    return connection.execute(RECORDED, [application_id]).fetchall()


def test_a_wrong_key_shows_up_within_two_seconds(
    http: Http, app: App, database: psycopg.Connection[Any]
) -> None:
    assert app.send(http, EVENT, X_INGEST_KEY="wrong").status == 401
    expected = [(401, "There is no such key.", 1)]
    assert eventually(lambda: recorded(database, app.id) == expected, SOON)


def test_a_stranger_who_hammers_leaves_one_row_and_nothing_of_unknown_applications(
    http: Http, app: App, database: psycopg.Connection[Any]
) -> None:
    unknown = app._replace(id=app.id + 1_000_000)
    for _ in range(100):
        assert app.send(http, EVENT, X_INGEST_KEY=uuid4().hex).status == 401
        assert unknown.send(http, EVENT, X_INGEST_KEY=uuid4().hex).status == 401
    expected = [(401, "There is no such key.", 100)]
    assert eventually(lambda: recorded(database, app.id) == expected)
    assert recorded(database, unknown.id) == []


def test_a_stop_writes_what_is_left(tmp_path: Path) -> None:
    with (
        served(tmp_path, LOGHANDLER_API_ACCESS="open") as server,
        psycopg.connect(server.database_url, autocommit=True) as connection,
        closing(server.http()) as http,
    ):
        app = App.created(http, "stopped")
        assert app.send(http, EVENT, X_INGEST_KEY="wrong").status == 401
        assert eventually(lambda: bool(recorded(connection, app.id)))
        # The next write is a second away.
        assert app.send(http, {**EVENT, "level": "LOUD"}).status == 400
        assert app.send(http, [EVENT, {}, {}]).status == 201
        server.stop()
        found = {reason.partition(":")[0]: n for _, reason, n in recorded(connection, app.id)}
    assert found == {"There is no such key.": 1, "level": 1, "message": 2}
