"""Arrays of 500 events, beside a COPY of the same rows; and the worst case, all messages new."""

import gzip
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg

from benchmarks import bodies
from benchmarks.cases.single import cpu
from benchmarks.figures import Baseline, Figure, Goal
from benchmarks.service import Done, Failed, Length, Load, Service, Web

CONNECTIONS = 16
ROWS = 100_000


def measure(service: Service, length: Length) -> Iterator[Figure]:
    array = bodies.encoded([bodies.event(number) for number in range(bodies.ARRAY)])
    plain = service.body("plain", array)
    packed = service.body("packed", gzip.compress(array))
    kinds = {
        "plain": Load("same", CONNECTIONS, plain, bodies.ARRAY),
        "gzip": Load("gzip", CONNECTIONS, packed, bodies.ARRAY),
    }
    stored: dict[str, list[Done]] = {kind: [] for kind in kinds}
    copied = []
    with service.web() as web:
        for _ in range(length.rounds):
            for kind, load in kinds.items():
                stored[kind].append(service.stored_by(web, load, length))
            copied.append(copy_rate(service))
        for kind, runs in stored.items():
            name = f"arrays of {bodies.ARRAY} of 0.4 KB, {kind}"
            rates = [done.rate for done in runs]
            yield Figure(name, "events/s", rates, Baseline("COPY", copied), Goal(0.5))
            yield cpu(name, runs)
        yield from messages(service, web, kinds["plain"], length)


def messages(service: Service, web: Web, load: Load, length: Length) -> Iterator[Figure]:
    """Every message distinct, beside fifty; apart from COPY, which begins with a checkpoint."""
    fifty, distinct = [], []
    for _ in range(length.rounds):
        fifty.append(service.stored_by(web, replace(load, script="fifty"), length))
        distinct.append(service.stored_by(web, replace(load, script="distinct"), length))
    name = "arrays, every message distinct"
    baseline = Baseline("with 50 messages", [done.rate for done in fifty])
    yield Figure(name, "events/s", [done.rate for done in distinct], baseline, Goal(0.5))
    yield cpu(name, distinct, fifty, "with 50 messages")


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
