"""What the evaluation of 500 rules costs, of a hundred applications that something happens in."""

import json
from collections.abc import Iterator

from benchmarks.figures import Figure, Goal
from benchmarks.service import Length, Service

KINDS = {"usual": Goal(2, at_most=True), "costly": None}  # percent of a core


def measure(service: Service, length: Length) -> Iterator[Figure]:
    applications, minutes = (100, 5) if length.full else (20, 2)
    for kind, goal in KINDS.items():
        words = ["--rules", kind, "--applications", str(applications), "--minutes", str(minutes)]
        found = [
            json.loads(service.python("-m", "benchmarks.evaluating", *words))
            for _ in range(length.rounds)
        ]
        yield Figure(
            f"evaluating {found[0]['rules']} {kind} rules: CPU",
            "% of a core",
            [each["cpu_seconds"] / 60 * 100 for each in found],
            goal=goal,
            note=f"{found[0]['milliseconds']} ms every 15 s",
        )
