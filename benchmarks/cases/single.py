"""One event a request: of 0.4 KB, of 6 KB, and with an id of the sender's own."""

from collections.abc import Iterator, Sequence
from statistics import median

from benchmarks import bodies
from benchmarks.figures import Baseline, Figure, Goal
from benchmarks.service import Done, Length, Load, Service

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
                answered.append(service.answered_by(bare, load, length))
                stored.append(service.stored_by(ours, load, length))
            yield Figure(
                f"single events of {kind}",
                "events/s",
                [done.rate for done in stored],
                Baseline("bare view", [done.rate for done in answered]),
                Goal(goal),
            )
            yield cpu(f"single events of {kind}", stored, answered, "bare view")


def cpu(
    name: str, stored: Sequence[Done], others: Sequence[Done] = (), of_others: str = ""
) -> Figure:
    """CPU seconds of 10,000 stored events, by who took them; beside those of 10,000 others."""
    web = median(done.web / done.events * 10_000 for done in stored)
    database = median(done.database / done.events * 10_000 for done in stored)
    return Figure(
        f"CPU of 10,000 {name}",
        "s",
        [_cpu_seconds(done) for done in stored],
        Baseline(of_others, [_cpu_seconds(done) for done in others]) if others else None,
        note=f"web {web:.2f}, database {database:.2f}",
    )


def _cpu_seconds(done: Done) -> float:
    return (done.web + done.database) / done.events * 10_000
