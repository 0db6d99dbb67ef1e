"""The Python lines of docs/send-events.md: at a program's start, and beside one left as it is."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from ingest.tests.serving import App, Http, Served
from loghandler.tests.running import ROOT

PROGRAM = """
import logging
logger = logging.getLogger("shop.checkout")
for number in range(700):
    logger.info("Order %s placed", number % 3)
try:
    1 / 0
except ZeroDivisionError:
    logger.exception("Payment failed", extra={"shop": 7})
[][0]
"""
# As a framework does it, long after a sitecustomize.py.
OWN_LOGGING = """
import logging.config
logging.config.dictConfig({"version": 1, "root": {"level": "DEBUG", "handlers": []}})
"""
EVENTS = {
    "Order 0 placed": 234,
    "Order 1 placed": 233,
    "Order 2 placed": 233,
    "Payment failed": 1,
    "IndexError: list index out of range": 1,
}


def documented() -> list[str]:
    text = (ROOT / "docs/send-events.md").read_text("utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def run(folder: Path, program: str, **environment: str) -> None:
    """A program that ends with an error of its own, and with nothing said by the client."""
    path = f"{folder}{os.pathsep}{ROOT / 'clients/python/src'}"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "IndexError" in done.stderr
    assert "loghandler_client:" not in done.stderr


def counted(http: Http, app: App) -> dict[str, Any]:
    top = http.get(f"{app.path}/stats/top-messages").json["items"]
    return {item["message"]: item["count"] for item in top}


def test_a_program_that_begins_with_it_sends_its_log(
    server: Served, http: Http, app: App, tmp_path: Path
) -> None:
    start, _ = documented()
    start = start.replace(":8000", f":{server.port}").replace("YOUR_INGEST_KEY", app.key)
    run(tmp_path, start + PROGRAM)
    assert counted(http, app) == EVENTS


def test_one_that_stays_as_it_is_sends_its_log_too(
    server: Served, http: Http, app: App, tmp_path: Path
) -> None:
    _, beside = documented()
    (tmp_path / "sitecustomize.py").write_text(beside, "utf-8")
    address = f"http://127.0.0.1:{server.port}"
    run(
        tmp_path,
        OWN_LOGGING + PROGRAM,
        LOGHANDLER_CLIENT_URL=address,
        LOGHANDLER_CLIENT_KEY=app.key,
    )
    assert counted(http, app) == EVENTS
    (failure,) = app.listed(http, "level=ERROR&logger=shop.checkout")
    assert failure["stack"]["type"] == "ZeroDivisionError"
    assert failure["tags"] == {"shop": 7}
