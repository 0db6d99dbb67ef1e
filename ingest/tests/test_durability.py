"""An answer of 201 means committed: whatever is killed, and whenever."""

import http.client
import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from ingest.tests.agreement import differences
from ingest.tests.serving import Answer, App, Http
from loghandler.tests.running import Running, children, eventually, running

SECONDS = 150.0  # a bound; the load ends as soon as all was killed and came back
SENDERS = 4
LEVELS = ("DEBUG", "INFO", "ERROR")


class Sender(threading.Thread):
    """Sends batches of events with ids of their own, each until it is acknowledged."""

    def __init__(self, port: int, app: App, number: int) -> None:
        super().__init__()
        self.port, self.app, self.number = port, app, number
        self.acknowledged: list[UUID] = []
        self.failures: Counter[str] = Counter()
        self.wrong: list[Answer] = []
        self.stopping = threading.Event()
        self.deadline = time.monotonic() + SECONDS
        self.unacknowledged = 0

    def run(self) -> None:
        size = 0
        while not self.stopping.is_set() and time.monotonic() < self.deadline:
            size = size % 7 + 1
            ids = [uuid4() for _ in range(size)]
            if not self.deliver(ids):
                self.unacknowledged += 1
                return
            self.acknowledged += ids

    def deliver(self, ids: list[UUID]) -> bool:
        events: list[Any] = [
            {"message": f"Sender {self.number}", "level": LEVELS[id_.int % 3], "event_id": str(id_)}
            for id_ in ids
        ]
        body = events if len(events) > 1 else events[0]
        while time.monotonic() < self.deadline:
            client = Http(self.port)
            try:
                answer = self.app.send(client, body)
            except (OSError, http.client.HTTPException) as failure:
                self.failures[type(failure).__name__] += 1
                self.stopping.wait(0.02)
            else:
                if answer.status == 201:
                    told = answer.json
                    assert "id" in told or told["accepted"] + told["duplicates"] == len(ids)
                    return True
                self.failures[str(answer.status)] += 1
                if answer.status not in {429, 503}:
                    self.wrong.append(answer)
                    return False
                self.stopping.wait(0.02)
            finally:
                client.close()
        return False


class Load:
    """All senders together."""

    def __init__(self, port: int, app: App) -> None:
        self.senders = [Sender(port, app, number) for number in range(SENDERS)]
        for sender in self.senders:
            sender.start()

    @property
    def acknowledged(self) -> list[UUID]:
        return [id_ for sender in self.senders for id_ in list(sender.acknowledged)]

    @property
    def failures(self) -> int:
        return sum(sender.failures.total() for sender in self.senders)

    @property
    def wrong(self) -> list[Answer]:
        """Answers that a sender must not get, whatever is killed."""
        return [answer for sender in self.senders for answer in sender.wrong]

    def goes_on(self) -> bool:
        """Whether every sender has more of its events acknowledged than by now."""
        return all(
            eventually(lambda: len(sender.acknowledged) > had + 50)  # noqa: B023  called at once
            for sender, had in [(sender, len(sender.acknowledged)) for sender in self.senders]
        )

    def is_refused(self) -> bool:
        had = self.failures
        return eventually(lambda: self.failures > had)

    def stop(self) -> None:
        for sender in self.senders:
            sender.stopping.set()
        for sender in self.senders:
            sender.join(SECONDS)


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path / "data", LOGHANDLER_WEB_WORKERS="2") as started:
        yield started


def _kill_web(instance: Running) -> None:
    os.killpg(instance.child("gunicorn"), signal.SIGKILL)


def _kill_one_worker(instance: Running) -> None:
    os.kill(children(instance.child("gunicorn"))[0], signal.SIGKILL)


def _kill_postgres(instance: Running) -> None:
    os.kill(instance.postgres_pid(), signal.SIGKILL)


def _kill_a_backend(instance: Running) -> None:
    """PostgreSQL ends all others and recovers, as when one runs out of memory."""
    with psycopg.connect(_address(instance)) as connection:
        found = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'loghandler writer'"
        ).fetchone()
    assert found
    os.kill(found[0], signal.SIGKILL)


def _kill_both(instance: Running) -> None:
    _kill_postgres(instance)
    _kill_web(instance)


# Whether requests must fail: of a worker or a writer, none may be under way just then.
KILLS = (
    (_kill_web, True),
    (_kill_one_worker, False),
    (_kill_postgres, True),
    (_kill_a_backend, False),
    (_kill_both, True),
)


def _address(instance: Running) -> str:
    folder = Path((instance.folder / "postgres" / "postmaster.pid").read_text().split("\n")[4])
    return f"postgresql://loghandler@/loghandler?host={folder}"


def _get(instance: Running, path: str) -> bytes:
    client = Http(instance.port)
    try:
        return client.get(path).body
    finally:
        client.close()


def test_what_was_acknowledged_is_stored_once_whatever_is_killed(instance: Running) -> None:
    client = Http(instance.port)
    app = App.created(client, "durable")
    client.close()
    load = Load(instance.port, app)
    try:
        for kill, is_felt in KILLS:
            assert load.goes_on()
            kill(instance)
            assert not is_felt or load.is_refused()
        assert load.goes_on()
    finally:
        load.stop()
    assert [sender.unacknowledged for sender in load.senders] == [0] * SENDERS
    with psycopg.connect(_address(instance)) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        stored = connection.execute("SELECT event_id, count(*) FROM events_event GROUP BY 1")
        assert dict(stored.fetchall()) == dict.fromkeys(load.acknowledged, 1)
        assert differences(connection.cursor()) == {}
    counted = json.loads(_get(instance, f"{app.path}/stats/by-level"))["items"]
    assert sum(item["count"] for item in counted) == len(load.acknowledged)
