"""Statistics and lists of 90 days at one and at ten million events, beside GROUP BY over rows."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median

from benchmarks.figures import Baseline, Figure, Goal, percentile
from benchmarks.service import Length, Service

REQUESTS = (60, 4)  # of each, in each round; quick
FASTEST = Goal(30, at_most=True)  # milliseconds
FLAT = Goal(1.3, at_most=True)
NOISE = 5  # milliseconds: below, a ratio says nothing
RAW = "raw: "
WITHOUT_GOAL = "events with a text that none has"

Taken = dict[str, list[float]]  # milliseconds of each request, by what was asked


def measure(service: Service, length: Length) -> Iterator[Figure]:
    sizes = (1_000_000, 10_000_000) if length.full else (50_000, 200_000)
    requests = REQUESTS[not length.full]
    rounds: dict[int, list[Taken]] = {events: [] for events in sizes}
    addresses = {events: service.filled_database(f"with_{events}", events) for events in sizes}
    for _ in range(length.rounds):
        for events, url in addresses.items():
            words = ["-m", "benchmarks.reading", str(service.application), str(requests)]
            rounds[events].append(json.loads(service.python(*words, url=url)))
    small, large = rounds.values()
    for name in large[0]:
        if not name.startswith(RAW):
            yield from read(name, sizes, small, large)


def read(
    name: str, sizes: tuple[int, int], small: Sequence[Taken], large: Sequence[Taken]
) -> Iterator[Figure]:
    at = f"{name}, at {sizes[1] // 1000:,}k events"
    p95 = Figure(f"{at}: p95", "ms", percentiles(name, large, 0.95))
    p50 = Figure(f"{at}: p50", "ms", percentiles(name, large, 0.5))
    fewer = f"ms at {sizes[0] // 1000:,}k"
    p95_of_fewer = Baseline(fewer, percentiles(name, small, 0.95))
    p50_of_fewer = Baseline(fewer, percentiles(name, small, 0.5))
    growth = median(replace(p95, baseline=p95_of_fewer).ratios)
    has_goal = name != WITHOUT_GOAL
    yield replace(p95, goal=FASTEST if has_goal else None, note=f"{growth:.2g} × {fewer[3:]}")
    yield replace(p50, baseline=p50_of_fewer, goal=FLAT if has_goal else None, too_small=NOISE)
    if f"{RAW}{name}" in large[0]:
        rows = percentiles(f"{RAW}{name}", large, 0.5)
        yield replace(p50, baseline=Baseline("ms by GROUP BY over rows", rows))


def percentiles(name: str, rounds: Sequence[Taken], share: float) -> list[float]:
    return [percentile(taken[name], share) for taken in rounds]
