"""Memory of all processes of `manage.py up`: idle, under load, and whether it grows."""

import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import bodies, deployed, processes
from benchmarks.figures import Baseline, Figure, Goal
from benchmarks.pages import Readers
from benchmarks.service import Length, Load, Service, Web, await_answer, child, free_port

MOST = Goal(250, at_most=True)  # megabytes
SENDERS = 64
ARRAY_SENDERS = 4
READERS = 2
CALM = 2  # seconds: wrk leaves without the answers to its last requests
KINDS = ("postgres", "gunicorn", "supervisor", "worker")

Sample = dict[str, float]  # megabytes by kind of process


def measure(service: Service, length: Length) -> Iterator[Figure]:
    idle, busy, step = (30, 600, 60) if length.full else (3, 8, 2)
    service.cluster.stop()  # `up` starts it, and everything else
    with up(service) as web:
        time.sleep(idle)
        yield taken("memory, idle", sample(web.pid))
        readers = Readers.signed_in(service)
        readers.look(web)
        samples = []
        for _ in range(busy // step):
            send(service, web, readers, step)
            time.sleep(CALM)
            samples.append(sample(web.pid))
    yield taken(f"memory after {busy} s of load", samples[-1])
    yield growth(samples)


def sample(root: int) -> Sample:
    """What the process and all that descend from it take (PSS)."""
    megabytes: Sample = defaultdict(float)
    for pid in processes.tree(root):
        megabytes[kind(processes.command(pid))] += processes.megabytes(pid)
    return megabytes


def kind(command: str) -> str:
    return next((word for word in KINDS if word in command), "other")


def taken(name: str, sample: Sample) -> Figure:
    return Figure(name, "MB", [sum(sample.values())], goal=MOST, note=listed(sample))


def growth(samples: list[Sample]) -> Figure:
    """The last sample beside that of half the time; what was first touched late is no leak."""
    sums = [sum(sample.values()) for sample in samples]
    half = samples[(len(samples) - 1) // 2]
    return Figure(
        "memory does not grow: the last sample",
        "MB",
        [sums[-1]],
        Baseline("MB at half time", [sum(half.values())]),
        Goal(1.05, at_most=True),
        f"{' '.join(f'{megabytes:.0f}' for megabytes in sums)}; at half time {listed(half)}",
    )


def listed(sample: Sample) -> str:
    return ", ".join(f"{kind} {sample[kind]:.0f}" for kind in (*KINDS, "other") if kind in sample)


def send(service: Service, web: Web, readers: Readers, seconds: int) -> None:
    """Single events, arrays with ever new messages, and pages, by turns."""
    single = service.body("single", bodies.encoded(bodies.event()))
    events = [bodies.event(number) for number in range(bodies.ARRAY)]
    array = service.body("array", bodies.encoded(events))
    turn = seconds / 4
    service.wrk(web.events_url, Load("same", SENDERS, single), 2 * turn)
    service.wrk(web.events_url, Load("distinct", ARRAY_SENDERS, array), turn)
    readers.read(web, READERS, turn)


@contextmanager
def up(service: Service) -> Iterator[Web]:
    """`manage.py up` over the service's data, with no more settings and packages than it needs."""
    environment = {k: v for k, v in service.environment.items() if k != "DATABASE_URL"}
    port = free_port()
    command = [sys.executable, "manage.py", "up"]
    environment |= {"PORT": str(port), **deployed.environment()}
    with child(command, environment, subprocess.DEVNULL) as process:
        await_answer(f"http://127.0.0.1:{port}/livez", process)
        yield Web(process, port, service.application)
