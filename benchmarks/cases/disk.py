"""Bytes on disk of an event, with all tables and indexes, beside its JSON as it was sent."""

import urllib.request
from collections.abc import Iterator
from random import Random
from typing import Any

import psycopg

from benchmarks import bodies
from benchmarks.figures import Baseline, Figure, Goal
from benchmarks.service import Length, Service, Web

MOST = Goal(1.3, at_most=True)
# Frames in the stack → the goal. Between 0.4 and 6 KB: where compression starts, and what it gives.
FRAMES = {0: MOST, 3: None, 8: None, 32: MOST, 128: None}
SIZE = """
    SELECT sum(pg_total_relation_size(oid)) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'm')
"""


def measure(service: Service, length: Length) -> Iterator[Figure]:
    events = 100_000 if length.full else 20_000
    with service.web() as web:
        for frames, goal in FRAMES.items():
            count = events // 5 if frames else events
            before = size(service)
            sent = send(service, web, frames, count)
            stored = size(service) - before
            yield Figure(
                f"bytes on disk of an event of {sent / count / 1000:.1f} KB",
                "bytes",
                [stored / count],
                Baseline("bytes of JSON", [sent / count]),
                goal,
            )


def size(service: Service) -> int:
    with psycopg.connect(service.url) as connection:
        row = connection.execute(SIZE).fetchone()
    return int(row[0]) if row else 0


def send(service: Service, web: Web, frames: int, count: int) -> int:
    """Send so many events, no two the same; returns the bytes of their JSON."""
    total = 0
    for start in range(0, count, bodies.ARRAY):
        events = [varied(start + number, frames) for number in range(bodies.ARRAY)]
        body = bodies.encoded(events)
        total += len(body)
        headers = {"X-INGEST-KEY": service.key, "Content-Type": "application/json"}
        request = urllib.request.Request(web.events_url, body, headers)  # noqa: S310  (ours)
        urllib.request.urlopen(request).close()  # noqa: S310
    return total


def varied(number: int, frames: int) -> dict[str, Any]:
    random = Random(number)
    event = bodies.large_event(number, frames) if frames else bodies.event(number)
    tags = {"service": "checkout", "region": "eu-west-1", "customer": str(random.randrange(10**6))}
    return event | {"tags": tags}
