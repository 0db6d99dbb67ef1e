"""One event a request: of 0.4 KB, of 6 KB, and with an id of the sender's own."""

from collections.abc import Iterator

from benchmarks import bodies
from benchmarks.figures import Baseline, Figure, Goal
from benchmarks.service import Length, Service, Stored

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
            body = service.body("single", bodies.encoded(event))
            stored, answered = [], []
            for _ in range(length.rounds):
                run = service.answered_by(bare, script, body, CONNECTIONS, length)
                answered.append(run.rate)
                stored.append(service.stored_by(ours, script, body, CONNECTIONS, length))
            rates = [round_.rate for round_ in stored]
            yield Figure(
                f"single events of {kind}",
                "events/s",
                rates,
                Baseline("bare view", answered),
                Goal(goal),
            )
            yield from cpu(f"single events of {kind}", stored)


def cpu(name: str, stored: list[Stored]) -> Iterator[Figure]:
    """CPU seconds of 10,000 stored events, by who took them."""
    web = [round_.web / round_.events * 10_000 for round_ in stored]
    database = [round_.database / round_.events * 10_000 for round_ in stored]
    both = [sum(pair) for pair in zip(web, database, strict=True)]
    note = f"web {sorted(web)[len(web) // 2]:.2f}, database {sorted(database)[len(web) // 2]:.2f}"
    yield Figure(f"CPU of 10,000 {name}", "s", both, note=note)
