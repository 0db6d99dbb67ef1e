"""What the client costs a program's thread: a record of its log, an exception, a request.

Beside sentry-sdk and fastapi-analytics, in the same rounds. A record costs the whole call, with
logging's own part; a request what it takes more than without any middleware.
"""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from statistics import median

from benchmarks.figures import Baseline, Figure, Goal
from benchmarks.machine import ROOT
from benchmarks.service import Failed, Length, Service, await_answer, child, free_port

RECORD, REQUEST = Goal(15, at_most=True), Goal(60, at_most=True)  # microseconds
LESS = Goal(1, at_most=True)
SENDERS = {
    "record": ["ours", "sentry-sdk"],
    "exception": ["ours", "sentry-sdk"],
    "request": ["bare", "ours", "sentry-sdk", "fastapi-analytics"],
}
SENDS_LATER = "fastapi-analytics"
Rounds = dict[str, list[float]]  # microseconds by sender


def measure(service: Service, length: Length) -> Iterator[Figure]:
    bursts = 40 if length.full else 8
    for what, goal in (("record", RECORD), ("exception", None), ("request", REQUEST)):
        found: Rounds = {sender: [] for sender in SENDERS[what]}
        for _ in range(length.rounds):
            for sender in SENDERS[what]:
                found[sender].append(cost(service.environment, what, sender, bursts))
        yield from figures(what, found, goal)


def figures(what: str, found: Rounds, goal: Goal | None) -> Iterator[Figure]:
    """What is ours, against its goal, and beside each other sender."""
    bare = found.pop("bare", None)
    if bare:
        found = {
            sender: [all_of_it - less for all_of_it, less in zip(rounds, bare, strict=True)]
            for sender, rounds in found.items()
        }
    ours = found.pop("ours")
    name = f"client: CPU of the program's thread, {what}"
    yield Figure(name, "µs", ours, goal=goal)
    for sender, rounds in found.items():
        note = "which sends none meanwhile" if sender == SENDS_LATER else ""
        yield Figure(f"{name}, beside {sender}", "µs", ours, Baseline(sender, rounds), LESS, note)


def cost(environment: Mapping[str, str], what: str, sender: str, bursts: int) -> float:
    """Microseconds of one, by the median burst. Raises Failed where not all arrived."""
    client = {"PYTHONPATH": str(ROOT / "clients" / "python" / "src")}
    environment = {**environment, **client}
    with sink(environment) as url:
        words = ["-m", "benchmarks.client_cost", what, sender, url, str(bursts)]
        with child([sys.executable, *words], environment, subprocess.PIPE) as process:
            output, complaint = process.communicate()
        if process.returncode:
            raise Failed(f"{' '.join(words)}:\n{complaint[-2000:]}")
        found = json.loads(output)
        if sender not in ("bare", SENDS_LATER) and arrived(url) != found["told"]:
            raise Failed(f"{sender}: {arrived(url)} of {found['told']} arrived.")
    microseconds: list[float] = found["microseconds"]
    return median(microseconds)


@contextmanager
def sink(environment: Mapping[str, str]) -> Iterator[str]:
    """Where all is sent, in a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.sink", str(port)]
    with child(command, environment) as process:
        url = f"http://127.0.0.1:{port}"
        await_answer(url, process)
        yield url


def arrived(url: str) -> int:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  (an address of ours)
        return int(answer.read())
