"""Measures the service, beside a bare Django view and a raw COPY in the same rounds.

    make bench            everything, in half an hour; QUICK=1 for less, in three minutes
    .venv/bin/python -m benchmarks --only single arrays

Prints a table and writes benchmarks/results.json. Exits 0 whether or not the goals are met: speed
is no test. Wants wrk, which makes the load from the same machine (apt install wrk).
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import machine, report
from benchmarks.cases import arrays, disk, latency, memory, readers, reads, retention, single
from benchmarks.figures import Figure
from benchmarks.service import DATABASE, Failed, Length, Service
from loghandler.postgres import Cluster

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
}
FULL = Length(run=5, warm_up=1, full=True)
QUICK = Length(run=1, warm_up=1)
RESULTS = Path(__file__).parent / "results.json"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--smoke", action="store_true", help="the smallest case, to try the rest")
    options = parser.parse_args()
    if not shutil.which("wrk"):
        print("wrk is missing, which makes the load: apt install wrk", file=sys.stderr)
        return 2
    quick = options.smoke or bool(os.environ.get("QUICK"))
    with tempfile.TemporaryDirectory(prefix="loghandler-bench-") as name:
        folder = Path(name)
        results = folder / "results.json" if options.smoke else RESULTS
        cases: dict[str, Case] = (
            {"smoke": smoke} if options.smoke else {only: CASES[only] for only in options.only}
        )
        try:
            run(folder, cases, QUICK if quick else FULL, results)
        except Failed as failure:
            print(failure, file=sys.stderr)
            return 1
    return 0


def smoke(service: Service, length: Length) -> Iterator[Figure]:
    yield from single.measure(service, Length(length.run, length.warm_up, 1), ("0.4 KB",))


def run(folder: Path, cases: dict[str, Case], length: Length, results: Path) -> None:
    """Measure the cases one after the other, each in a cluster of its own."""
    figures: list[Figure] = []
    settings: dict[str, Any] = {}
    for name, case in cases.items():
        started = time.monotonic()
        home = folder / name
        home.mkdir()
        cluster = Cluster(home / "postgres", home)
        try:
            cluster.start()
            cluster.ensure_database(DATABASE)
            settings = settings or machine.facts(cluster.url(DATABASE))
            for figure in case(Service(home, cluster), length):
                figures.append(figure)
                print(f"{time.monotonic() - started:5.0f} s  {_line(figure)}", file=sys.stderr)
        finally:
            cluster.stop()
            shutil.rmtree(home, ignore_errors=True)
    print(report.table(figures))
    report.write(results, {**settings, "quick": length is not FULL}, figures)


def _line(figure: Figure) -> str:
    return report.table([figure]).splitlines()[-1]


if __name__ == "__main__":
    sys.exit(main())
