"""What a thousand monitors a minute and 500 rules cost, and whether each check comes in time."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from benchmarks import processes
from benchmarks.figures import Figure, Goal, percentile
from benchmarks.service import Failed, Length, Service, child

SILENT = 20  # one of so many watches what never answers
CPU = Goal(15, at_most=True)  # percent of a core
DRIFT = Goal(2, at_most=True)  # seconds
_GAPS = """
    SELECT extract(epoch FROM checked_at - lag(checked_at) OVER mine)::float
    FROM monitors_check WINDOW mine AS (PARTITION BY monitor_id ORDER BY checked_at)
"""


def measure(service: Service, length: Length) -> Iterator[Figure]:
    monitors, interval, seconds = (1_000, 60, 300) if length.full else (100, 6, 24)
    with watched(service) as ports:
        words = [monitors, SILENT, interval, ports["healthy"], ports["silent"]]
        service.python("-m", "benchmarks.monitor_filling", *map(str, words))
        worker, database, wall = checked(service, interval / 6, seconds)
    off = [abs(gap - interval) for gap in gaps(service)]
    require_states(service, monitors)
    name = f"{monitors:,} monitors of every {interval} s"
    yield Figure(
        f"{name} and 500 rules: CPU",
        "% of a core",
        [100 * (worker + database) / wall],
        goal=CPU,
        note=f"worker {100 * worker / wall:.1f}, PostgreSQL {100 * database / wall:.1f}",
    )
    note = f"99 in 100 within {percentile(off, 0.99):.2f} s, {len(off):,} checks"
    yield Figure(f"{name}: off time at worst", "s", [max(off)], goal=DRIFT, note=note)


@contextmanager
def watched(service: Service) -> Iterator[dict[str, int]]:
    """The ports of what is watched, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.watched", str(service.folder)]
    with child(command, service.environment, subprocess.PIPE) as process:
        assert process.stdout
        line = process.stdout.readline()
        if not line:
            raise Failed("There is nothing to watch.")
        ports: dict[str, int] = json.loads(line)
        yield ports


def checked(service: Service, start: float, seconds: float) -> tuple[float, float, float]:
    """CPU seconds of a worker and of PostgreSQL, after the start; and those that passed."""
    environment = service.environment | {
        "SSL_CERT_FILE": str(service.folder / "authority.pem"),
        "LOGHANDLER_OUTBOUND_ALLOW": "127.0.0.0/8",
    }
    with child([sys.executable, "manage.py", "worker"], environment, subprocess.DEVNULL) as worker:
        time.sleep(start)
        began = time.monotonic()
        before = processes.cpu_seconds(worker.pid), service.database_cpu()
        time.sleep(seconds)
        after = processes.cpu_seconds(worker.pid), service.database_cpu()
        wall = time.monotonic() - began
    return after[0] - before[0], after[1] - before[1], wall


def gaps(service: Service) -> list[float]:
    """Seconds between two checks of one monitor."""
    with psycopg.connect(service.url) as connection:
        return [gap for (gap,) in connection.execute(_GAPS) if gap is not None]


def require_states(service: Service, monitors: int) -> None:
    """Raise Failed where other monitors are down than those that watch what never answers."""
    with psycopg.connect(service.url) as connection:
        rows = connection.execute("SELECT state, count(*) FROM monitors_monitor GROUP BY 1")
        states: dict[str, int] = dict(rows.fetchall())
    down = monitors // SILENT
    if states != {"up": monitors - down, "down": down}:
        raise Failed(f"Not {down} monitors are down, but of {monitors}: {states}")
