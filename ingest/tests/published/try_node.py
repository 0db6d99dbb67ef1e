"""Tries the published Node clients of API Analytics against a running server; prints what arrived.

    .venv/bin/python -m ingest.tests.published.try_node http://127.0.0.1:8000

Wants Node 18 or newer and npm, which installs the clients into a temporary folder, and an open REST
API, as `make run` has it. It takes some 70 seconds for each level of privacy: clients post once a
minute. The result of the last try is in docs/send-requests.md.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter
from pathlib import Path
from secrets import token_hex
from typing import Any

NODE = Path(__file__).with_name("node")
FIELDS = ("framework", "method", "path", "route", "status", "ip_address", "user", "device")


def asked(url: str, method: str = "GET") -> Any:
    request = urllib.request.Request(url, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def main() -> None:
    server = sys.argv[1].rstrip("/")
    with tempfile.TemporaryDirectory() as folder:
        for file in NODE.iterdir():
            shutil.copy(file, folder)
        subprocess.run(["npm", "install", "--silent", "--no-audit"], cwd=folder, check=True)
        for level in ("0", "1", "2"):
            application = asked(f"{server}/apps/node-{token_hex(4)}", "POST")
            environment = {
                **os.environ,
                "SERVER_URL": f"{server}/base/",
                "KEY": application["ingest_key"],
                "PRIVACY_LEVEL": level,
            }
            subprocess.run(["node", "services.mjs"], cwd=folder, env=environment, check=True)
            rows = asked(f"{server}/apps/{application['id']}/requests?limit=50")["items"]
            counts = Counter(row["framework"] for row in rows)
            print(f"privacy level {level}: {dict(sorted(counts.items()))}")
            for row in sorted(rows, key=lambda one: (one["framework"], one["occurred_at"])):
                print("  ", *(str(row[field]) for field in FIELDS))


if __name__ == "__main__":
    main()
