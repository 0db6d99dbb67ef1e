"""Arrays of 500 events, beside a COPY of the same rows; and the worst case, all messages new."""

import gzip
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from benchmarks import bodies
from benchmarks.cases.single import cpu
from benchmarks.figures import Baseline, Figure, Goal
from benchmarks.service import Done, Failed, Length, Load, Service

CONNECTIONS = 16
ROWS = 100_000


def measure(service: Service, length: Length) -> Iterator[Figure]:
    array = bodies.encoded([bodies.event(number) for number in range(bodies.ARRAY)])
    plain = service.body("plain", array)
    packed = service.body("packed", gzip.compress(array))
    loads = {  # in turn, within each round
        "plain": Load("same", CONNECTIONS, plain, bodies.ARRAY),
        "gzip": Load("gzip", CONNECTIONS, packed, bodies.ARRAY),
        "fifty": Load("fifty", CONNECTIONS, plain, bodies.ARRAY),
        "distinct": Load("distinct", CONNECTIONS, plain, bodies.ARRAY),
    }
    stored: dict[str, list[Done]] = {kind: [] for kind in loads}
    copied = []
    with service.web() as web:
        for _ in range(length.rounds):
            for kind, load in loads.items():
                stored[kind].append(service.stored_by(web, load, length))
            copied.append(copy_rate(service))
    rates = {kind: [run.rate for run in runs] for kind, runs in stored.items()}
    copy = Baseline("COPY", copied)
    for kind in ("plain", "gzip"):
        name = f"arrays of {bodies.ARRAY} of 0.4 KB, {kind}"
        yield Figure(name, "events/s", rates[kind], copy, Goal(0.5))
        yield cpu(name, stored[kind])
    fifty = Baseline("with 50 messages", rates["fifty"])
    yield Figure("arrays, every message distinct", "events/s", rates["distinct"], fifty, Goal(0.5))


def copy_rate(service: Service) -> float:
    """Rows a second of one COPY from a file into a plain table with the events' columns."""
    file = service.folder / "rows"
    with psycopg.connect(service.url, autocommit=True) as connection:
        if not file.exists():
            export(connection, file)
        connection.execute("DROP TABLE IF EXISTS plain_event")
        connection.execute(
            "CREATE TABLE plain_event (LIKE events_event, "
            "PRIMARY KEY (application_id, received_at, id))"
        )
        connection.execute("CHECKPOINT")
        started = time.perf_counter()
        copied = connection.execute(f"COPY plain_event FROM '{file}'").rowcount
        return copied / (time.perf_counter() - started)


def export(connection: psycopg.Connection[tuple[object, ...]], file: Path) -> None:
    rows = f"SELECT * FROM events_event LIMIT {ROWS}"
    if connection.execute(f"COPY ({rows}) TO '{file}'").rowcount < ROWS:
        raise Failed(f"Less than {ROWS:,} events were stored: nothing to compare with.")
