"""One event a request: of 0.4 KB, of 6 KB, and with an id of the sender's own."""

from collections.abc import Iterator
from statistics import median

from benchmarks import bodies
from benchmarks.figures import Baseline, Figure, Goal
from benchmarks.service import Length, Load, Service, Stored

CONNECTIONS = 64
KINDS = {
    "0.4 KB": ("same", bodies.event(), 0.60),
    "6 KB": ("same", bodies.large_event(), 0.60),
    "0.4 KB with event_id": ("ids", bodies.event(), 0.50),
}


def measure(
    service: Service, length: Length, kinds: tuple[str, ...] = tuple(KINDS)
) -> Iterator[Figure]:
    with service.both() as (ours, bare):
        for kind in kinds:
            script, event, goal = KINDS[kind]
            load = Load(script, CONNECTIONS, service.body("single", bodies.encoded(event)))
            stored, answered = [], []
            for _ in range(length.rounds):
                answered.append(service.answered_by(bare, load, length).rate)
                stored.append(service.stored_by(ours, load, length))
            name, rates = f"single events of {kind}", [run.rate for run in stored]
            yield Figure(name, "events/s", rates, Baseline("bare view", answered), Goal(goal))
            yield from cpu(name, stored)


def cpu(name: str, stored: list[Stored]) -> Iterator[Figure]:
    """CPU seconds of 10,000 stored events, by who took them."""
    web = [round_.web / round_.events * 10_000 for round_ in stored]
    database = [round_.database / round_.events * 10_000 for round_ in stored]
    both = [sum(pair) for pair in zip(web, database, strict=True)]
    note = f"web {median(web):.2f}, database {median(database):.2f}"
    yield Figure(f"CPU of 10,000 {name}", "s", both, note=note)
