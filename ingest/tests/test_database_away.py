"""Who sends while PostgreSQL can't be reached is told to come again, also by a new process."""

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from ingest.tests.serving import Answer, App, Served, served
from loghandler.tests.running import eventually

REQUEST = {
    "hostname": "shop", "ip_address": "", "path": "/", "user_agent": "", "method": "GET",
    "response_time": 1, "status": 200, "user_id": "", "created_at": "2026-11-27T12:00:00.000Z",
}  # fmt: skip


@contextmanager
def away(server: Served) -> Iterator[None]:
    """Nobody reaches the server's database, and its worker is a new one, who remembers no key."""
    name = urlsplit(server.database_url).path[1:]
    allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(allow(sql.Identifier(name), sql.SQL("false")))
        try:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
                [name],
            )
            [old] = server.workers()
            os.kill(old, signal.SIGKILL)
            assert eventually(lambda: server.workers() not in ([], [old]))
            yield
        finally:
            connection.execute(allow(sql.Identifier(name), sql.SQL("true")))


def both_protocols(server: Served, app: App) -> list[Answer]:
    """Sent at once: each waits for a connection for as long as the pool does."""
    body = {"api_key": app.key, "framework": "FastAPI", "requests": [REQUEST]}

    def native() -> Answer:
        with closing(server.http()) as http:
            return app.send(http, {"message": "Boom"})

    def api_analytics() -> Answer:
        with closing(server.http()) as http:
            return http.call("POST", "/api/log-request", json.dumps(body).encode())

    with ThreadPoolExecutor() as threads:
        return [one.result() for one in [threads.submit(native), threads.submit(api_analytics)]]


def test_a_new_process_without_a_database_asks_to_come_again(tmp_path: Path) -> None:
    with served(tmp_path, LOGHANDLER_API_ACCESS="open") as server:
        with closing(server.http()) as http:
            app = App.created(http, "away")
        with away(server):
            assert eventually(server.is_alive)
            for answer in both_protocols(server, app):
                assert answer.status == 503, answer.body
                assert b"The database does not answer" in answer.body
                assert int(answer.headers["retry-after"]) > 0
        assert [answer.status for answer in both_protocols(server, app)] == [201, 201]
