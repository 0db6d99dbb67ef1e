"""The Python lines of docs/send-events.md, in a program that knows nothing of us."""

import os
import re
import subprocess
import sys
from pathlib import Path

from ingest.tests.serving import App, Http, Served
from loghandler.tests.running import ROOT

PROGRAM = """
import logging
logging.basicConfig(level=logging.DEBUG)
logger = logging.getLogger("shop.checkout")
for number in range(700):
    logger.info("Order %s placed", number % 3)
try:
    1 / 0
except ZeroDivisionError:
    logger.exception("Payment failed")
"""


def test_its_log_arrives_whole_and_is_counted(
    server: Served, http: Http, app: App, tmp_path: Path
) -> None:
    (snippet,) = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs/send-events.md").read_text("utf-8"), re.DOTALL
    )
    (tmp_path / "sitecustomize.py").write_text(snippet, "utf-8")
    url = f"http://127.0.0.1:{server.port}{app.path}/events"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PYTHONPATH": str(tmp_path), "LOG_URL": url, "LOG_KEY": app.key},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "were not sent" not in done.stdout
    top = http.get(f"{app.path}/stats/top-messages").json["items"]
    assert {item["message"]: item["count"] for item in top} == {
        "Order 0 placed": 234,
        "Order 1 placed": 233,
        "Order 2 placed": 233,
        "Payment failed": 1,
    }
    (failure,) = app.listed(http, "level=ERROR&logger=shop.checkout")
    assert failure["stack"].endswith("ZeroDivisionError: division by zero\n")
    assert failure["tags"]["line"] == 10
