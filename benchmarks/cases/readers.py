"""Storing while ten readers look at pages and statistics without pause, and while none does."""

import math
from collections.abc import Iterator

from benchmarks import bodies
from benchmarks.cases.single import CONNECTIONS
from benchmarks.figures import Baseline, Figure, Goal
from benchmarks.pages import Readers
from benchmarks.service import Length, Load, Run, Service, Web

READERS = 10


def measure(service: Service, length: Length) -> Iterator[Figure]:
    service.fill(1_000_000 if length.full else 200_000)
    readers = Readers.signed_in(service)
    load = Load("same", CONNECTIONS, service.body("single", bodies.encoded(bodies.event())))
    alone, beside, read = [], [], []
    with service.web() as web:
        readers.look(web)
        for _ in range(length.rounds):
            alone.append(service.stored_by(web, load, length).rate)
            stored, looked = beside_readers(service, web, load, length, readers)
            beside.append(stored)
            read.append(looked)
    name = f"single events while {READERS} readers query"
    yield Figure(name, "events/s", beside, Baseline("without them", alone), Goal(0.7))
    yield Figure(f"{name}: pages and answers read", "/s", [run.rate for run in read])
    yield Figure(f"{name}: a reader waits", "ms", [run.p50 for run in read], note="p50")
    yield Figure(f"{name}: a reader waits", "ms", [run.p99 for run in read], note="p99")


def beside_readers(
    service: Service, web: Web, load: Load, length: Length, readers: Readers
) -> tuple[float, Run]:
    """Events stored a second while the readers read, and what they read."""
    seconds = math.ceil(length.warm_up + length.run) + 1  # they begin before, and end after
    with readers.reading(web, READERS, seconds) as ended:
        rate = service.stored_by(web, load, length).rate
        return rate, ended()
