"""A Log Handler that is killed in the middle: what it had not stored is sent to the next one."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from clients.python.tests.relay import Relay
from clients.python.tests.test_sending import messages
from ingest.tests.serving import App, Http, Served

from loghandler_client import sending


def test_nothing_is_lost_and_nothing_counts_twice(
    make_client: Any,
    relay: Relay,
    server: Served,
    http: Http,
    app: App,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "FIRST_RETRY", 0.05)
    monkeypatch.setattr(sending, "LAST_RETRY", 0.2)
    other = Served(tmp_path, server.database_url).ready()  # over the same database
    relay.upstream = other.port
    client = make_client(batch_items=50)
    told: list[str] = []
    ended = threading.Event()

    def tell() -> None:
        while not ended.is_set():
            told.append(f"event {len(told)}")
            client.event(told[-1])
            time.sleep(0.0005)

    telling = threading.Thread(target=tell)
    telling.start()
    time.sleep(1.0)
    os.killpg(other.process.pid, signal.SIGKILL)
    other.process.wait()
    time.sleep(0.5)
    relay.upstream = server.port
    time.sleep(0.5)
    ended.set()
    telling.join()
    assert client.flush(15)
    assert messages(http, app) == Counter(told)
    assert client.stats == (len(told), 0, 0, 0, 0)
