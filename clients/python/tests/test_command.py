"""python -m loghandler_client, as an operator types it."""

from __future__ import annotations

import os
import subprocess
import sys

from clients.python.tests.relay import Relay
from clients.python.tests.service import SOURCE
from ingest.tests.serving import App, Http


def run(*words: str, text: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "loghandler_client", *words],
        env={**os.environ, "PYTHONPATH": str(SOURCE), **environment},
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_send(relay: Relay, http: Http, app: App) -> None:
    done = run(
        "send", "--level", "ERROR", "Backup failed", "--tag", "env=prod", "--data", "disk=sda",
        "--url", relay.url, "--key", app.key, "--environment", "production",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("The event is stored")
    [event] = app.listed(http)
    assert (event["message"], event["level"], event["tags"]) == (
        "Backup failed", "ERROR", {"env": "prod"},
    )  # fmt: skip
    assert (event["environment"], event["data"]) == ("production", {"disk": "sda"})


def test_send_what_another_program_says(relay: Relay, http: Http, app: App) -> None:
    told = {"LOGHANDLER_CLIENT_URL": relay.url, "LOGHANDLER_CLIENT_KEY": app.key}
    assert run("send", "-", text="Disk full\n", **told).returncode == 0
    assert app.messages(http) == ["Disk full"]


def test_test_sends_one_of_each(relay: Relay, http: Http, app: App) -> None:
    done = run("test", "--url", relay.url, "--key", app.key)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("is stored") == 2
    assert len(app.listed(http)) == len(http.get(f"{app.path}/requests").json["items"]) == 1


def test_what_went_wrong_is_told_in_words(relay: Relay, app: App) -> None:
    wrong = run("test", "--url", relay.url, "--key", "1a2b3c4d5e6f708192a3b4c5d6e7f809")
    assert wrong.returncode == 1
    assert "401" in wrong.stderr
    assert "revoked" in wrong.stderr
    relay.close()
    away = run("send", "x", "--url", relay.url, "--key", app.key)
    assert away.returncode == 1
    assert "does the server run?" in away.stderr
    for words in (["send", "x"], ["send", "x", "--url", "nowhere", "--key", "k"], ["send"],
                  ["send", "x", "--tag", "novalue", "--url", relay.url, "--key", "k"]):  # fmt: skip
        assert run(*words).returncode == 2
