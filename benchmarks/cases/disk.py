"""Bytes on disk of an event, with all tables and indexes, beside its JSON as it was sent."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import psycopg

from benchmarks import bodies
from benchmarks.figures import Baseline, Figure, Goal
from benchmarks.service import Failed, Length, Service, Web

MOST = Goal(1.3, at_most=True)
# Frames in the stack → the goal. Between 0.4 and 6 KB: where compression starts, and what it gives.
FRAMES = {0: MOST, 3: None, 5: None, 8: None, 16: None, 32: MOST, 128: None}
SIZE = """
    SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'm')
"""
NEWEST = "SELECT coalesce(max(received_at), '-infinity')::text FROM events_event"
STACKS = """
    SELECT avg(pg_column_size(stack))::float, avg((substring(stack FOR 4) = '\\x28b52ffd')::int)
    FROM events_event WHERE received_at > %s
"""


@dataclass
class Sent:
    """Bytes of the JSON of what was sent."""

    events: int = 0
    stacks: int = 0


def measure(service: Service, length: Length) -> Iterator[Figure]:
    without_stack, with_stack = (100_000, 20_000) if length.full else (20_000, 2_500)
    with service.web() as web:
        for frames, goal in FRAMES.items():
            count = with_stack if frames else without_stack
            before, newest = _value(service, SIZE), _value(service, NEWEST)
            sent = send(service, web, frames, count)
            stored = (_value(service, SIZE) - before) / count
            yield Figure(
                f"bytes on disk of an event of {sent.events / count / 1000:.1f} KB",
                "bytes",
                [stored],
                Baseline("bytes of JSON", [sent.events / count]),
                goal,
                stacks(service, sent.stacks / count, newest),
            )


def stacks(service: Service, sent: float, since: str) -> str:
    """What became of the stacks, which are packed where that makes them smaller."""
    with psycopg.connect(service.url) as connection:
        row = connection.execute(STACKS, [since]).fetchone()
    stored, compressed = row or (0, 0)
    return f"its stack {sent:,.0f} → {stored:,.0f}, packed in {float(compressed):.0%}"


def _value(service: Service, query: str) -> Any:
    with psycopg.connect(service.url) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else None


def send(service: Service, web: Web, frames: int, count: int) -> Sent:
    """Send so many events, no two the same."""
    sent = Sent()
    for start in range(0, count, bodies.ARRAY):
        events = [varied(start + number, frames) for number in range(bodies.ARRAY)]
        body = bodies.encoded(events)
        sent.events += len(body)
        sent.stacks += sum(len(bodies.encoded(event["stack"])) for event in events)
        headers = {"X-INGEST-KEY": service.key, "Content-Type": "application/json"}
        request = urllib.request.Request(web.events_url, body, headers)  # noqa: S310  (ours)
        try:
            urllib.request.urlopen(request).close()  # noqa: S310
        except urllib.error.HTTPError as error:
            raise Failed(f"An array was answered {error.code}: {error.read(500)!r}") from error
    return sent


def varied(number: int, frames: int) -> dict[str, Any]:
    random = Random(number)
    event = bodies.large_event(number, frames) if frames else bodies.event(number)
    tags = {"service": "checkout", "region": "eu-west-1", "customer": str(random.randrange(10**6))}
    return event | {"tags": tags}
