"""Snippets of the setup page, pasted and run as their readers would."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from dashboard.snippets import request_ways, ways
from ingest.tests.serving import App, Http
from loghandler.tests.running import ROOT

KEY = "0123456789abcdef" * 2
NOWHERE = "http://127.0.0.1:8000"


def steps(name: str, server: str = NOWHERE, app: App = App(1, KEY)) -> list[str]:  # noqa: B008
    """The pieces of code of a way to send events or requests."""
    both = [*ways(server, app.id, app.key), *request_ways(server, app.id, app.key)]
    (way,) = (way for way in both if way.name == name)
    return [step.code for step in way.steps]


def environment(folder: Path) -> dict[str, str]:
    """With the Python of the tests as `python`, the client installed, and nothing else of ours."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    client = ROOT / "clients" / "python" / "src"
    return {"PATH": path, "HOME": str(folder), "PYTHONPATH": str(client)}


def run(folder: Path, *command: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done


def sent(http: Http, app: App) -> dict[str, Any]:
    """Message → event, of all that arrived."""
    return {event["message"]: event for event in app.listed(http, "limit=50")}
