"""How long it takes to drop a day that is past its keeping, and that its bytes come back."""

import json
from collections.abc import Iterator

from benchmarks.figures import Figure, Goal
from benchmarks.service import Failed, Length, Service


def measure(service: Service, length: Length) -> Iterator[Figure]:
    events = 1_000_000 if length.full else 100_000
    seconds, freed = [], []
    for _ in range(length.rounds if length.full else 1):
        dropped = json.loads(service.python("-m", "benchmarks.dropping", str(events)))
        if dropped["events"]:
            raise Failed(f"{dropped['events']:,} events outlived the drop.")
        seconds.append(dropped["seconds"])
        freed.append(
            (dropped["filled"] - dropped["after"]) / (dropped["filled"] - dropped["before"])
        )
    name = f"drop of a day of {events:,} events"
    yield Figure(name, "s", seconds, goal=Goal(1, at_most=True))
    yield Figure(f"{name}: bytes given back", "of all", freed, goal=Goal(0.99))
