"""A worker of Celery, under each of its pools: what its tasks tell arrives once, as they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from clients.python.tests.relay import Relay
from clients.python.tests.service import SOURCE
from ingest.tests.serving import App, Http
from loghandler.tests.running import ROOT, eventually

SERVICE = "clients.python.tests.celery_service"
TASKS = 20
HAND_OUT = f"""
from {SERVICE} import pack, pay
for number in range({TASKS}): pack.delay(number)
for number in range(3): pay.delay(number)
"""


@contextmanager
def worker(relay: Relay, app: App, queue: Path, *options: str) -> Iterator[Path]:
    """A running worker that has got its tasks; gives what it logs. It ends by a warm shutdown."""
    for folder in ("waiting", "control"):
        (queue / folder).mkdir()
    environment = {
        **os.environ,
        "QUEUE": str(queue),
        "LOGHANDLER_URL": relay.url,
        "LOGHANDLER_KEY": app.key,
        "PYTHONPATH": f"{SOURCE}{os.pathsep}{ROOT}",
    }
    subprocess.run([sys.executable, "-c", HAND_OUT], env=environment, check=True, timeout=60)
    log = queue / "worker.log"
    command = [sys.executable, "-m", "celery", "-A", SERVICE, "worker", "-l", "WARNING", *options]
    with log.open("w") as written:
        process = subprocess.Popen(command, env=environment, stdout=written, stderr=written)
    try:
        yield log
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    finally:
        process.kill()


def is_done(log: Path) -> bool:
    text = log.read_text()
    return text.count("Packed") == TASKS and text.count("raised unexpected") == 3


@pytest.mark.parametrize(
    "options",
    [
        ["--concurrency=2"],
        ["--concurrency=2", "--max-tasks-per-child=3"],
        ["--pool=threads"],
        ["--pool=solo"],
    ],
    ids=["processes", "processes of three tasks", "threads", "solo"],
)
def test_all_is_sent_before_a_worker_ends(
    relay: Relay, http: Http, app: App, tmp_path: Path, options: list[str]
) -> None:
    with worker(relay, app, tmp_path, *options) as log:
        assert eventually(lambda: is_done(log), 60), log.read_text()
    events = app.all_listed(http)
    packed = [each for each in events if each["logger"] == "orders"]
    assert sorted(each["message"] for each in packed) == sorted(
        f"Packed {number}" for number in range(TASKS)
    )
    assert {each["data"]["task"] for each in packed} == {"orders.pack"}
    failed = [each for each in events if each["logger"] == "celery.app.trace"]
    assert sorted(each["stack"]["value"] for each in failed) == [
        f"no money for {number}" for number in range(3)
    ]
    assert {each["data"]["task"] for each in failed} == {"orders.pay"}
