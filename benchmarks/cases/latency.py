"""How long a single event waits for its answer at half of the peak rate."""

from collections.abc import Iterator

from benchmarks import bodies
from benchmarks.cases.single import CONNECTIONS
from benchmarks.figures import Baseline, Figure, Goal
from benchmarks.service import Failed, Length, Load, Run, Service, Web

CLOSE = 0.1  # how far the rate may be from what was asked for


def measure(service: Service, length: Length) -> Iterator[Figure]:
    body = service.body("single", bodies.encoded(bodies.event()))
    ours, theirs = [], []
    with service.both() as (web, bare):
        peak = service.stored_by(web, Load("same", CONNECTIONS, body), length).rate
        load = Load("paced", CONNECTIONS, body)
        for _ in range(length.rounds):
            theirs.append(paced(service, bare, load, peak / 2, length))
            ours.append(paced(service, web, load, peak / 2, length))
    note = f"at {peak / 2:,.0f} events/s"
    for name, goal in (("p99", Goal(10, at_most=True)), ("p50", None)):
        yield Figure(
            f"{name} of a single event",
            "ms",
            [getattr(run, name) for run in ours],
            Baseline("bare view", [getattr(run, name) for run in theirs]),
            goal,
            note,
        )


def paced(service: Service, web: Web, load: Load, rate: float, length: Length) -> Run:
    """A run at this rate. wrk knows no rates: each connection pauses before its next request.

    How long a pause must be is found by trying: wrk's own timers add to it.
    """
    pause, seconds = CONNECTIONS / rate * 1000, length.warm_up
    reached = 0.0
    for _ in range(6):
        run = service.wrk(web.events_url, load, seconds, PAUSE=str(pause))
        reached = run.rate
        if seconds == length.run and abs(reached / rate - 1) < CLOSE:
            return run
        pause = max(0.1, pause + (CONNECTIONS / rate - CONNECTIONS / reached) * 1000)
        seconds = length.run
    raise Failed(f"{reached:,.0f} events/s were sent instead of {rate:,.0f}.")
