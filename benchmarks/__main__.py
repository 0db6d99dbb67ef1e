"""Measures the service, beside a bare Django view and a raw COPY in the same rounds.

    make bench            everything, in forty minutes; QUICK=1 for less, in three minutes
    .venv/bin/python -m benchmarks --only single arrays

Prints a table; a run of everything writes benchmarks/results.json. Exits 0 whether or not goals
are met, for speed is no test, and 1 where a case could not be measured. Wants wrk, which makes the
load from the same machine (apt install wrk).
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import psycopg

from benchmarks import machine, report
from benchmarks.cases import (
    arrays,
    client,
    disk,
    latency,
    memory,
    monitors,
    readers,
    reads,
    retention,
    rules,
    single,
    traffic,
)
from benchmarks.figures import Figure
from benchmarks.service import DATABASE, Failed, Length, Service
from loghandler.postgres import Cluster, ServerFailed

Case = Callable[[Service, Length], Iterator[Figure]]
CASES: dict[str, Case] = {
    "single": single.measure,
    "arrays": arrays.measure,
    "latency": latency.measure,
    "readers": readers.measure,
    "reads": reads.measure,
    "memory": memory.measure,
    "disk": disk.measure,
    "retention": retention.measure,
    "traffic": traffic.measure,
    "client": client.measure,
    "monitors": monitors.measure,
    "rules": rules.measure,
}
FULL = Length(run=5, warm_up=1, full=True)
QUICK = Length(run=0.8, warm_up=0.3)
RESULTS = Path(__file__).parent / "results.json"
FAILURES = (Failed, ServerFailed, OSError, psycopg.Error, subprocess.SubprocessError)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--smoke", action="store_true", help="the smallest case, to try the rest")
    options = parser.parse_args()
    if not shutil.which("wrk"):
        print("wrk is missing: apt install wrk", file=sys.stderr)
        return 2
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    length = QUICK if options.smoke or os.environ.get("QUICK") else FULL
    with tempfile.TemporaryDirectory(prefix="loghandler-bench-") as name:
        folder = Path(name)
        if options.smoke:
            return run(folder, {"smoke": smoke}, length, folder / "results.json")
        cases = {case: CASES[case] for case in options.only}
        return run(folder, cases, length, RESULTS if cases.keys() == CASES.keys() else None)


def stop(number: int, frame: FrameType | None) -> None:
    """End through every `finally`, so that no process is left; what interrupts that is ignored."""
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    sys.exit(128 + number)


def smoke(service: Service, length: Length) -> Iterator[Figure]:
    for figure in single.measure(service, replace(length, rounds=1), ("0.4 KB",)):
        if min(figure.rounds) <= 0:
            raise Failed(f"{figure.name}: nothing was measured.")
        yield figure


def run(folder: Path, cases: Mapping[str, Case], length: Length, results: Path | None) -> int:
    """Measure the cases one after the other; a part of them leaves the results of all alone."""
    figures: list[Figure] = []
    failed: dict[str, str] = {}
    first = folder / "first"
    with service_in(first) as service:
        facts: dict[str, Any] = machine.facts(service.url)
    for name, case in cases.items():
        try:
            with service_in(folder / name, first) as service:
                figures.extend(told(case(service, length)))
        except FAILURES as failure:
            failed[name] = str(failure)
            print(f"{name} failed: {failure}", file=sys.stderr)
    print(report.table(figures))
    for name, words in failed.items():
        print(f"{name} FAILED: {words.splitlines()[0] if words else 'without a word'}")
    if results:
        report.write(results, {**facts, "quick": length is not FULL, "failed": failed}, figures)
    return 1 if failed else 0


@contextmanager
def service_in(folder: Path, first: Path | None = None) -> Iterator[Service]:
    """A service with a cluster of its own, a copy of the first where there is one.

    So no case inherits what another has stored.
    """
    if first:
        shutil.copytree(first, folder)
    folder.mkdir(exist_ok=True)
    cluster = Cluster(folder / "postgres", folder)
    try:
        cluster.start()
        cluster.ensure_database(DATABASE)
        yield Service(folder, cluster)
    finally:
        cluster.stop()
        if first:
            shutil.rmtree(folder, ignore_errors=True)


def told(figures: Iterator[Figure]) -> Iterator[Figure]:
    """The figures, each printed as soon as it is known, with the seconds of the case so far."""
    started = time.monotonic()
    for figure in figures:
        print(f"{time.monotonic() - started:5.0f} s  {_line(figure)}", file=sys.stderr)
        yield figure


def _line(figure: Figure) -> str:
    return report.table([figure]).splitlines()[-1]


if __name__ == "__main__":
    sys.exit(main())
