"""Memory of all processes of `manage.py up`: idle, under load, and whether it grows."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import bodies, processes
from benchmarks.figures import Baseline, Figure, Goal
from benchmarks.machine import ROOT
from benchmarks.service import Length, Load, Service, Web, await_answer, free_port

MOST = Goal(250, at_most=True)  # megabytes
CONNECTIONS = 16


def measure(service: Service, length: Length) -> Iterator[Figure]:
    idle, busy, step = (30, 600, 60) if length.full else (5, 20, 4)
    loads = shares(service)
    service.cluster.stop()  # `up` starts it, and everything else
    with up(service) as (process, web):
        time.sleep(idle)
        yield taken("memory, idle", process.pid)
        samples = []
        ends = time.monotonic() + busy
        while time.monotonic() < ends:
            for load, quarters in loads:
                service.wrk(web.events_url, load, quarters * step // 4)
            samples.append(processes.megabytes(processes.tree(process.pid)))
        yield taken(f"memory after {busy} s of load", process.pid)
        half = samples[len(samples) // 2]
        yield Figure(
            "memory does not grow: the last sample",
            "MB",
            [samples[-1]],
            Baseline("MB at half time", [half]),
            Goal(1.05, at_most=True),
            "/".join(f"{sample:.0f}" for sample in samples),
        )


def taken(name: str, root: int) -> Figure:
    """Megabytes of the tree (PSS), with each kind of process in the note."""
    kinds: Counter[str] = Counter()
    for pid in processes.tree(root):
        kinds[kind(pid)] += round(processes.megabytes([pid]))
    note = ", ".join(f"{name} {size}" for name, size in kinds.most_common())
    return Figure(name, "MB", [float(kinds.total())], goal=MOST, note=note)


def kind(pid: int) -> str:
    command = processes.command(pid)
    for word in ("postgres", "gunicorn", "manage.py worker", "manage.py up"):
        if word in command:
            return word.removeprefix("manage.py ")
    return "other"


def shares(service: Service) -> list[tuple[Load, int]]:
    """Single events, arrays with ever new messages, and lists; and the quarters that each takes."""
    (service.folder / "read.lua").write_text(bodies.DONE)
    single = service.body("single", bodies.encoded(bodies.event()))
    events = [bodies.event(number) for number in range(bodies.ARRAY)]
    array = service.body("array", bodies.encoded(events))
    return [
        (Load("same", 4 * CONNECTIONS, single), 2),
        (Load("distinct", CONNECTIONS // 4, array), 1),
        (Load("read", CONNECTIONS), 1),
    ]


@contextmanager
def up(service: Service) -> "Iterator[tuple[subprocess.Popen[bytes], Web]]":
    """`manage.py up` over the service's data, with the bare minimum of settings."""
    environment = {k: v for k, v in service.environment.items() if k != "DATABASE_URL"}
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env=environment | {"PORT": str(port)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        await_answer(f"http://127.0.0.1:{port}/livez", process)
        yield process, Web(process, port, service.application)
    finally:
        process.terminate()
        process.wait(90)
