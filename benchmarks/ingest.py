"""Events per second over HTTP, beside a bare Django view and a raw COPY in the same rounds.

    .venv/bin/python -m benchmarks.ingest [--worker gevent:2 --worker gthread:2x32 …] [--rounds 3]

An embedded PostgreSQL with default durability; wrk (Debian's package) on the same machine. Rates
of ours are stored rows per second, counted in the table, never answers alone.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from loghandler.postgres import Cluster

ROOT = Path(__file__).resolve().parent.parent
PORT = 8765
EVENT: dict[str, Any] = {
    "level": "ERROR",
    "message": "Payment failed for order in the checkout service",
    "stack": "Traceback (most recent call last):\n  File 'app.py', line 3, in pay\n",
    "tags": {"service": "checkout", "region": "eu-west-1", "customer": "4711"},
    "environment": "production",
    "release": "1.4.2",
    "logger": "shop.checkout",
    "occurred_at": "2026-11-21T08:00:00.123Z",
}
POST = """
wrk.method = "POST"
wrk.headers["X-INGEST-KEY"] = os.getenv("KEY")
wrk.headers["Content-Type"] = "application/json"
local file = io.open(os.getenv("BODY"), "rb")
wrk.body = file:read("*a")
"""


def event(number: int) -> dict[str, Any]:
    return EVENT | {"message": f"{EVENT['message']} {number % 50}"}


class Bench:
    def __init__(self, folder: Path, cluster: Cluster, seconds: int) -> None:
        self.folder = folder
        self.seconds = seconds
        self.url = cluster.url("loghandler")
        self.environment = {
            **os.environ,
            "DATABASE_URL": self.url,
            "LOGHANDLER_DATA": str(folder),
            "LOGHANDLER_SECRET_KEY": "benchmark" * 5,
        }
        self.manage("prepare")
        made = json.loads(self.manage("create_application", "bench", "--json"))
        self.application, self.key = made["id"], made["ingest_key"]
        (folder / "post.lua").write_text(POST)
        (folder / "single").write_text(json.dumps(event(0)))
        (folder / "array").write_text(json.dumps([event(n) for n in range(500)]))

    def manage(self, *words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True
        ).stdout

    def execute(self, *statements: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def rows(self) -> int:
        with psycopg.connect(self.url) as connection:
            row = connection.execute("SELECT count(*) FROM events_event").fetchone()
        return int(row[0]) if row else 0

    @contextmanager
    def serving(self, application: str, worker: str) -> Iterator[None]:
        kind, _, size = worker.partition(":")
        workers, _, threads = size.partition("x")
        command = [sys.executable, "-m", "gunicorn", "-k", kind, "-w", workers, "--keep-alive=75",
                   "--no-control-socket", f"--bind=127.0.0.1:{PORT}", "--log-level=error",
                   *([f"--threads={threads}"] if threads else []), application]  # fmt: skip
        process = subprocess.Popen(command, cwd=ROOT, env=self.environment, start_new_session=True)
        try:
            wait_for_server()
            yield
        finally:
            process.terminate()
            process.wait(30)

    def requests(self, body: str, connections: int) -> float:
        """Answers of 2xx per second."""
        done = subprocess.run(
            ["wrk", "-t1", "--timeout=10s", f"-c{connections}", f"-d{self.seconds}s",
             "-s", "post.lua", f"http://127.0.0.1:{PORT}/apps/{self.application}/events"],
            cwd=self.folder, check=True, capture_output=True, text=True,
            env=self.environment | {"KEY": self.key, "BODY": str(self.folder / body)},
        ).stdout  # fmt: skip
        assert "Non-2xx" not in done, done
        assert "Socket errors" not in done, done
        return float(done.split("Requests/sec:")[1].split()[0])

    def stored(self, body: str, connections: int) -> float:
        """Events stored per second."""
        before, started = self.rows(), time.monotonic()
        self.requests(body, connections)
        seconds = time.monotonic() - started
        return (self.rows() - before) / seconds

    def copied(self, rows: int = 100_000) -> float:
        """Rows per second of one COPY from a server-side file into a plain table."""
        file = f"'{self.folder / 'rows'}'"
        self.execute(
            f"COPY (SELECT * FROM events_event LIMIT {rows}) TO {file}",
            "DROP TABLE IF EXISTS plain",
            "CREATE TABLE plain (LIKE events_event, PRIMARY KEY (application_id, received_at, id))",
        )
        started = time.monotonic()
        self.execute(f"COPY plain FROM {file}")
        return min(rows, self.rows()) / (time.monotonic() - started)


def wait_for_server() -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/livez", timeout=1)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("The web server does not answer.")


def measure(bench: Bench, workers: list[str], rounds: int) -> dict[str, list[float]]:
    figures: dict[str, list[float]] = {}
    for _ in range(rounds):
        for worker in workers:
            with bench.serving("benchmarks.bare", worker):
                bench.requests("single", 64)
                add(figures, f"{worker} bare view, requests/s", bench.requests("single", 64))
            with bench.serving("loghandler.wsgi", worker):
                bench.requests("single", 64)
                add(figures, f"{worker} single, events/s", bench.stored("single", 64))
                add(figures, f"{worker} arrays of 500, events/s", bench.stored("array", 8))
        add(figures, "raw COPY, rows/s", bench.copied())
    return figures


def add(figures: dict[str, list[float]], name: str, figure: float) -> None:
    figures.setdefault(name, []).append(figure)
    print(f"  {name}: {figure:,.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worker", action="append", help="CLASS:PROCESSES[xTHREADS]")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    options = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is missing: apt install wrk")
    folder = Path(tempfile.mkdtemp(prefix="loghandler-bench-"))
    cluster = Cluster(folder / "postgres", folder)
    try:
        cluster.start()
        cluster.ensure_database("loghandler")
        bench = Bench(folder, cluster, options.seconds)
        figures = measure(bench, options.worker or ["gevent:2"], options.rounds)
        for name, values in figures.items():
            print(f"{name:40} {statistics.median(values):>10,.0f}"
                  f"   ({min(values):,.0f} to {max(values):,.0f})")  # fmt: skip
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
