"""Requests as API Analytics' clients post them: stored, counted, on disk, and on their page."""

import json
from collections.abc import Iterator
from random import Random
from statistics import median
from typing import Any

import psycopg

from benchmarks import bodies
from benchmarks.cases.disk import SIZE
from benchmarks.cases.single import cpu
from benchmarks.figures import Baseline, Figure, Goal
from benchmarks.service import APPLICATION, DATABASE, Done, Length, Load, Service

# Rows of one post → connections.
POSTS = {1: 64, 100: 32, 2_000: 8}
PATH, TABLE = "/api/log-request", "traffic_request"
PAGES_ASKED = (7, 2)  # of each, in each round; quick
FASTEST = Goal(50, at_most=True)  # milliseconds


def measure(service: Service, length: Length) -> Iterator[Figure]:
    url = another_database(service)  # before today is full of the same requests
    with service.both() as (ours, bare):
        for rows in POSTS if length.full else (100,):
            body = service.body("requests", bodies.encoded(post(service.key, rows)))
            load = Load("same", POSTS[rows], body, rows, PATH, TABLE)
            stored, answered = [], []
            for _ in range(length.rounds):
                if rows == 1:  # of more, the bare view would read nothing of what counts
                    answered.append(service.answered_by(bare, load, length))
                stored.append(service.stored_by(ours, load, length))
            yield from posts(rows, stored, answered)
    requests, days = (10_000_000, 30) if length.full else (5_000, 8)
    yield bytes_on_disk(service, url, requests, days)
    yield from pages(service, url, length, requests)


def posts(rows: int, stored: list[Done], answered: list[Done]) -> Iterator[Figure]:
    name = f"requests in posts of {rows:,}"
    rates = [done.rate for done in answered]
    baseline = Baseline("bare view", rates) if rates else None
    yield Figure(name, "requests/s", [done.rate for done in stored], baseline)
    yield cpu(name, stored)


def post(key: str, rows: int) -> dict[str, Any]:
    """What fastapi-analytics posts, 0.3 KB a row."""
    random = Random(rows)
    requests = [row(random) for _ in range(rows)]
    return {"api_key": key, "requests": requests, "framework": "FastAPI", "privacy_level": 0}


def row(random: Random) -> dict[str, Any]:
    thing = random.choice(["orders", "users", "carts", "products", "invoices"])
    return {
        "hostname": "api.example.com",
        "ip_address": f"203.0.{random.randrange(4)}.{random.randrange(256)}",
        "path": f"/v1/{thing}/{random.randrange(100_000)}",
        "user_agent": f"Mozilla/5.0 (X11; Linux x86_64; rv:{random.randrange(120, 134)}.0) "
        "Gecko/20100101 Firefox/133.0",
        "method": random.choice(["GET", "GET", "GET", "POST"]),
        "status": random.choice([200, 200, 200, 201, 404, 500]),
        "response_time": int(random.lognormvariate(3, 1)),
        "user_id": None,
        "created_at": bodies.OCCURRED_AT,
    }


def another_database(service: Service) -> str:
    """The address of another database, for requests of a month."""
    with psycopg.connect(service.cluster.url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE with_requests TEMPLATE {DATABASE}")
    return service.cluster.url("with_requests")


def pages(service: Service, url: str, length: Length, requests: int) -> Iterator[Figure]:
    """What the page takes on the server; of those that only rollups tell there is a goal."""
    asked = PAGES_ASKED[not length.full]
    words = ["-m", "benchmarks.traffic_reading", str(service.application), str(asked)]
    count = length.rounds if length.full else 1
    rounds = [json.loads(service.python(*words, url=url)) for _ in range(count)]
    for name in rounds[0]:
        goal = None if " of a " in name else FASTEST
        values = [median(taken[name]) for taken in rounds]
        yield Figure(f"{name}, at {requests:,} requests: p50", "ms", values, goal=goal)


def bytes_on_disk(service: Service, url: str, requests: int, days: int) -> Figure:
    """Of believable requests of so many days, with all tables and indexes."""
    before = _size(url)
    words = ["--requests", str(requests), "--days", str(days), "--name", APPLICATION]
    service.python("-m", "benchmarks.traffic_filling", *words, url=url)
    sent = len(bodies.encoded(post(service.key, 1_000))) / 1_000
    stored = [(_size(url) - before) / requests]
    baseline = Baseline("bytes of JSON", [sent])
    note = f"{requests:,} of {days} days, 40 routes"
    return Figure("bytes on disk of a request", "bytes", stored, baseline, note=note)


def _size(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(SIZE).fetchone()
    return int(row[0]) if row else 0
