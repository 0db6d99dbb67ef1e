"""Keys are rotated while clients send: nobody is refused who still has a grace."""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.tests.serving import Answer, App, Served, served
from loghandler.tests.running import eventually

CACHE_SECONDS = 1
GRACE_SECONDS = 3
TOLERANCE_SECONDS = 1.0  # from a look at the clock to the answer, on a busy machine
CLIENTS = 3


class Load:
    """Clients that send with one key without a pause, and remember each answer with its time."""

    def __init__(self, server: Served, app: App) -> None:
        self.answers: list[tuple[float, Answer]] = []
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._send, args=(server, app)) for _ in range(CLIENTS)
        ]
        for thread in self._threads:
            thread.start()

    def _send(self, server: Served, app: App) -> None:
        client, deadline = server.http(), time.monotonic() + 30
        try:
            while not self._stopping.is_set() and time.monotonic() < deadline:
                answer = app.send(client, {"message": "Under load"})
                self.answers.append((time.time(), answer))
        finally:
            client.close()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(30)

    def statuses(self, *, until: float) -> set[int]:
        return {answer.status for at, answer in self.answers if at < until}

    def refused(self) -> bool:
        return len(self.answers) > 0 and self.answers[-1][1].status == 401


@contextmanager
def load(server: Served, app: App) -> Iterator[Load]:
    started = Load(server, app)
    try:
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Two workers: each has a memory of keys, and neither makes the change."""
    folder: Path = tmp_path_factory.mktemp("rotation")
    cache = {"LOGHANDLER_KEY_CACHE_SECONDS": str(CACHE_SECONDS)}
    with served(folder, LOGHANDLER_WEB_WORKERS="2", **cache) as started:
        yield started


def stored(server: Served, app: App, reader: str) -> int:
    client = server.http()
    try:
        answer = client.get(f"{app.path}/stats/by-level", X_Auth_Token=reader)
        return sum(item["count"] for item in answer.json["items"])
    finally:
        client.close()


def test_a_rotation_with_a_grace_refuses_nobody_before_its_end(server: Served) -> None:
    created: Any = json.loads(server.manage("create_application", "rotated", "--json"))
    old = App(created["id"], created["ingest_key"])
    read = json.loads(server.manage("create_key", "rotated", "--kind", "read", "--json"))
    with load(server, old) as before:
        assert eventually(lambda: len(before.answers) > 20)
        grace = ("--kind", "ingest", "--grace", f"{GRACE_SECONDS}s")
        said = server.manage("rotate_keys", "rotated", *grace, "--json")
        (rotation,) = json.loads(said)["rotated"]
        (ending,) = rotation["ending"]
        ended = datetime.fromisoformat(ending["ended_at"]).astimezone(UTC)
        with load(server, App(old.id, rotation["key"])) as after:
            assert eventually(lambda: after.answers)
            assert time.time() < ended.timestamp()  # both ingest during the grace
            assert eventually(before.refused)
            refused_at = time.time()
            count = len(after.answers)
            assert eventually(lambda: len(after.answers) > count + 20)
    last_good = max(at for at, answer in before.answers if answer.status == 201)
    assert before.statuses(until=ended.timestamp()) == {201}
    assert last_good < ended.timestamp() + CACHE_SECONDS + TOLERANCE_SECONDS
    assert refused_at < ended.timestamp() + CACHE_SECONDS + TOLERANCE_SECONDS
    assert after.statuses(until=time.time()) == {201}
    refusal = before.answers[-1][1]
    assert (refusal.status, ending["prefix"]) == (401, old.key[:8])
    (sentence,) = refusal.json["errors"]["detail"]
    assert sentence == f"The key {old.key[:8]}… ended at {ended:%Y-%m-%dT%H:%M:%SZ}."
    assert not re.search(old.key, sentence)
    good = [answer for _, answer in before.answers + after.answers if answer.status == 201]
    assert stored(server, old, read["key"]) == len(good)


def test_a_revoked_key_ends_in_every_worker_within_the_memory_of_keys(server: Served) -> None:
    created: Any = json.loads(server.manage("create_application", "revoked", "--json"))
    app = App(created["id"], created["ingest_key"])
    with load(server, app) as sending:
        assert eventually(lambda: len(sending.answers) > 20)
        server.manage("revoke_key", app.key[:8])
        revoked_at = time.time()
        assert eventually(sending.refused)
        assert eventually(lambda: time.time() > revoked_at + CACHE_SECONDS + TOLERANCE_SECONDS)
        count = len(sending.answers)
        assert eventually(lambda: len(sending.answers) > count + 20)
    assert {answer.status for _, answer in sending.answers[count:]} == {401}
