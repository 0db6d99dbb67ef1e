"""Statistics and lists of 90 days at one and at ten million events, beside GROUP BY over rows."""

import json
from collections.abc import Iterator, Sequence

from benchmarks.figures import Baseline, Figure, Goal, percentile
from benchmarks.service import Length, Service

REQUESTS = 60
FASTEST = Goal(30, at_most=True)  # milliseconds
FLAT = Goal(1.3, at_most=True)
NOISE = 5  # milliseconds: below, a ratio says nothing
RAW = "raw: "
WITHOUT_GOAL = "events with a text that none has"

Taken = dict[str, list[float]]  # milliseconds of each request, by what was asked


def measure(service: Service, length: Length) -> Iterator[Figure]:
    sizes = (1_000_000, 10_000_000) if length.full else (50_000, 200_000)
    requests = REQUESTS if length.full else REQUESTS // 4
    rounds: dict[int, list[Taken]] = {events: [] for events in sizes}
    addresses = {events: service.filled_database(f"with_{events}", events) for events in sizes}
    for _ in range(length.rounds):
        for events, (url, application) in addresses.items():
            words = ["-m", "benchmarks.reading", str(application), str(requests)]
            rounds[events].append(json.loads(service.python(*words, url=url)))
    small, large = rounds.values()
    for name in large[0]:
        if not name.startswith(RAW):
            yield from read(name, sizes, small, large)


def read(
    name: str, sizes: tuple[int, int], small: Sequence[Taken], large: Sequence[Taken]
) -> Iterator[Figure]:
    at = f"{name}, at {sizes[1] // 1000:,}k events"
    p95 = [percentile(taken[name], 0.95) for taken in large]
    goal = None if name == WITHOUT_GOAL else FASTEST
    yield Figure(f"{at}: p95", "ms", p95, goal=goal)
    few = Baseline(f"ms at {sizes[0] // 1000:,}k", medians(name, small))
    flat = goal and FLAT
    yield Figure(f"{at}: p50", "ms", medians(name, large), few, flat, too_small=NOISE)
    if f"{RAW}{name}" in large[0]:
        rows = Baseline("ms by GROUP BY over rows", medians(f"{RAW}{name}", large))
        yield Figure(f"{at}: p50", "ms", medians(name, large), rows)


def medians(name: str, rounds: Sequence[Taken]) -> list[float]:
    return [percentile(taken[name], 0.5) for taken in rounds]
