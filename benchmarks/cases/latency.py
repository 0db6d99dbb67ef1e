"""How long a single event waits for its answer at half of the peak rate."""

from collections.abc import Iterator
from dataclasses import replace
from statistics import median

from benchmarks import bodies
from benchmarks.cases.single import CONNECTIONS
from benchmarks.figures import Baseline, Figure, Goal
from benchmarks.service import Failed, Length, Load, Run, Service, Web

CLOSE = 0.1  # how far the rate may be from what was asked for
TRIES = 8
LEAST_PAUSE = 0.1  # milliseconds


def measure(service: Service, length: Length) -> Iterator[Figure]:
    same = Load("same", CONNECTIONS, service.body("single", bodies.encoded(bodies.event())))
    load = replace(same, script="paced")
    ours: list[Run] = []
    theirs: list[Run] = []
    with service.both() as (web, bare):
        peak = median(service.stored_by(web, same, replace(length, run=1)).rate for _ in range(3))
        for _ in range(length.rounds):
            theirs.append(paced(service, bare, load, peak / 2, length))
            ours.append(paced(service, web, load, peak / 2, length))
    note = f"at {_rates(ours)} of {peak:,.0f} events/s, bare at {_rates(theirs)}"
    for name, goal in (("p99", Goal(10, at_most=True)), ("p50", None)):
        yield Figure(
            f"{name} of a single event",
            "ms",
            [getattr(run, name) for run in ours],
            Baseline("bare view", [getattr(run, name) for run in theirs]),
            goal,
            note if goal else "",
        )


def _rates(runs: list[Run]) -> str:
    return f"{median(run.rate for run in runs):,.0f}"


def paced(service: Service, web: Web, load: Load, rate: float, length: Length) -> Run:
    """A run at this rate. wrk knows no rates: each connection pauses before its next request.

    How long a pause must be is found by trying, for wrk's own timers add to it; the first try
    is the warm-up.
    """
    pause, seconds = pause_for(rate), length.warm_up
    reached = 0.0
    for _ in range(TRIES):
        run = service.wrk(web.events_url, load, seconds, PAUSE=str(pause))
        reached = run.rate
        if seconds == length.run and abs(reached / rate - 1) < CLOSE:
            return run
        pause = corrected(pause, rate, reached)
        seconds = length.run
    raise Failed(f"{reached:,.0f} events/s were sent instead of {rate:,.0f}.")


def pause_for(rate: float) -> float:
    """Milliseconds between a connection's requests where all together reach this rate."""
    return CONNECTIONS / rate * 1000


def corrected(pause: float, rate: float, reached: float) -> float:
    """The pause that would have reached the rate, had the rest of the cycle taken as long."""
    return max(LEAST_PAUSE, pause + pause_for(rate) - pause_for(reached))
