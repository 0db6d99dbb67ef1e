"""Fills an application with believable requests of many days, through the one way in.

    .venv/bin/python -m benchmarks.traffic_filling --requests 10000000 --days 90 --name shop

Into the database that the settings name, as `benchmarks.filling` does. Forty routes, each rarer
than the one before, with durations of its own; 20,000 users from everywhere, with sixty agents.
"""

import argparse
import multiprocessing
import os
import time
from datetime import UTC, datetime
from functools import partial
from ipaddress import IPv4Address
from itertools import accumulate
from random import Random

import msgspec

from benchmarks.filling import analyze, moments_of, plan

from django.db import connections  # isort: skip  # after `filling`, which sets Django up

from applications.models import Application
from ingest import pipeline
from ingest.records import Batch
from loghandler import partitions
from stats import retention
from stats.traffic import closing, encoding
from traffic.records import RequestRecord

replace = msgspec.structs.replace

BATCH = 5_000
USERS = 20_000
POOL = 20_000  # different requests for a day's to be drawn from
ROUTES = [
    f"/{version}/{thing}{rest}"
    for version, rest in (("v1", "/{id}"), ("v2", ""), ("v2", "/{id}"), ("v1", "/{id}/items/{id}"))
    for thing in ("orders", "users", "carts", "products", "invoices", "parcels", "pictures",
                  "vouchers", "sessions", "prices")
]  # fmt: skip
WEIGHTS = list(accumulate(1 / (number + 1) for number in range(len(ROUTES))))
METHODS = ["GET", "GET", "GET", "GET", "POST", "POST", "PUT", "DELETE"]
STATUSES = [200, 201, 204, 304, 400, 401, 404, 422, 500, 503]
SHARES = [800, 60, 30, 40, 10, 10, 30, 8, 8, 4]
HOSTS = ["api.example.com", "api.example.org", "internal.example.com:8080"]
REFERRERS = [None, None, "https://example.com/shop", "https://example.com/", "https://example.org/"]
AGENTS = [
    f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari"
    for version in range(120, 132)
    for system in ("Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7",
                   "X11; Linux x86_64", "Linux; Android 15; Pixel 9")
] + [
    "curl/8.5.0", "python-requests/2.34.2", "Go-http-client/2.0", "axios/1.7.9",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (compatible; GPTBot/1.2; +https://openai.com/gptbot)",
]  # fmt: skip


def user(number: int) -> tuple[IPv4Address, str]:
    """Address and agent of a user: always the same ones."""
    random = Random(number)
    return IPv4Address(random.randrange(1 << 24, 223 << 24)), random.choice(AGENTS)


def record(random: Random, users: list[tuple[IPv4Address, str]]) -> RequestRecord:
    (route,) = random.choices(range(len(ROUTES)), cum_weights=WEIGHTS)
    number = int(random.paretovariate(0.6)) % USERS
    address, agent = users[number]
    return RequestRecord(
        method=METHODS[(route + int(random.random() * 1.2)) % len(METHODS)],
        path=ROUTES[route].replace("{id}", str(random.randrange(100_000))),
        status=random.choices(STATUSES, SHARES)[0],
        duration_ms=round(random.lognormvariate(2 + route % 5 * 0.6, 0.8), 2),
        hostname=HOSTS[route % len(HOSTS)],
        ip_address=address,
        user_agent=agent,
        user_id=f"user-{number}" if number % 3 else None,
        framework="FastAPI",
        response_bytes=random.randrange(200, 20_000),
        referrer=random.choice(REFERRERS),
        release="1.4.2",
        environment="production",
    )


def fill_day(application_id: int, until: datetime, hours: list[tuple[datetime, int]]) -> int:
    random = Random(hours[0][0].isoformat())
    users = [user(number) for number in range(USERS)]
    moments = list(moments_of(hours, until, random))
    records = [record(random, users) for _ in range(min(POOL, len(moments)))]
    for start in range(0, len(moments), BATCH):
        at = moments[start : start + BATCH]
        chosen = [replace(random.choice(records), occurred_at=moment) for moment in at]
        batch = Batch(requests=chosen, request_positions=range(len(at)))
        pipeline.accept(application_id, batch)
    return len(moments)


def fill(name: str, requests: int, days: int) -> Application:
    """Fill the application of this name, made where there is none, with requests up to now."""
    now = datetime.now(UTC)
    application, _ = Application.objects.get_or_create(name=name)
    by_day: dict[str, list[tuple[datetime, int]]] = {}
    for hour, count in plan(requests, days, now).items():
        by_day.setdefault(f"{hour:%Y%m%d}", []).append((hour, count))
    partitions.ensure(*(hours[0][0].date() for hours in by_day.values()))
    connections.close_all()  # a child would share it
    started, stored = time.monotonic(), 0
    one_day = partial(fill_day, application.pk, now)
    with multiprocessing.get_context("fork").Pool((os.cpu_count() or 1) + 1) as workers:
        for count in workers.imap(one_day, by_day.values()):
            stored += count
            print(
                f"{stored:,} requests, {stored / (time.monotonic() - started):,.0f}/s", flush=True
            )
    while closing.close_one():  # as the worker would
        pass
    encoding.encode_hours()
    retention.prune()
    analyze()
    return application


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--name", required=True)
    options = parser.parse_args()
    application = fill(options.name, options.requests, options.days)
    print(f"Application {application.pk}, {application.name}: {options.requests:,} requests.")


if __name__ == "__main__":
    main()
