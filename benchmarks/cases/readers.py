"""Storing while ten readers look at pages and statistics without pause, and while none does."""

from collections.abc import Iterator

from benchmarks import bodies
from benchmarks.cases.single import CONNECTIONS
from benchmarks.figures import Baseline, Figure, Goal
from benchmarks.pages import Readers
from benchmarks.service import Length, Load, Run, Service

READERS = 10


def measure(service: Service, length: Length) -> Iterator[Figure]:
    service.fill(1_000_000 if length.full else 200_000)
    readers = Readers.signed_in(service)
    load = Load("same", CONNECTIONS, service.body("single", bodies.encoded(bodies.event())))
    alone, beside = [], []
    read: list[Run] = []
    with service.web() as web:
        readers.look(web)
        for _ in range(length.rounds):
            alone.append(service.stored_by(web, load, length).rate)
            reading = readers.reading(web, READERS, read)
            beside.append(service.stored_by(web, load, length, reading).rate)
    name = f"single events while {READERS} readers query"
    yield Figure(name, "events/s", beside, Baseline("without them", alone), Goal(0.7))
    yield Figure(f"{name}: pages and answers read", "/s", [run.rate for run in read])
    yield Figure(f"{name}: a reader waits", "ms", [run.p50 for run in read], note="p50")
    yield Figure(f"{name}: a reader waits", "ms", [run.p99 for run in read], note="p99")
