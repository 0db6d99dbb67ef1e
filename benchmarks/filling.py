"""Fills an application with believable events of many days, through the one way in.

    .venv/bin/python -m benchmarks.filling --events 10000000 --days 90 --name shop [--messages 200]

Into the database that the settings name, next to what is there; `manage.py up` need not run, its
PostgreSQL must. Half of the events have one of a few messages, the rest are rarer and rarer; one
in 100,000 is CRITICAL; one in ten has a stack.
"""

import argparse
import multiprocessing
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import accumulate
from math import pi, sin
from random import Random

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loghandler.settings")
django.setup()

from django.db import connection, connections  # noqa: E402

from applications.models import Application  # noqa: E402
from events.records import LEVELS, EventRecord, json_of  # noqa: E402
from ingest import pipeline  # noqa: E402
from ingest.records import Batch  # noqa: E402
from loghandler import partitions  # noqa: E402
from stats import closing  # noqa: E402

BATCH = 2_000
POOL = 20_000  # different records for a day's events to be drawn from; of a small day four each
CRITICAL = 1e-5  # of all events
HOUR = timedelta(hours=1)

SERVICES = ["checkout", "search", "accounts", "catalogue", "shipping", "mail"]
DOINGS = ["loaded", "stored", "sent", "refused", "retried", "skipped", "expired", "merged"]
THINGS = ["order", "invoice", "session", "parcel", "picture", "voucher", "address", "price list"]
REGIONS = ["eu-west", "eu-north", "us-east", "ap-south"]
RELEASES = ["4.16.0", "4.17.0", "4.17.1", "4.18.0"]
# By turns over the messages, so that frequent and rare ones have every level but CRITICAL.
TURNS = ["INFO", "INFO", "DEBUG", "INFO", "WARNING", "INFO", "DEBUG", "ERROR", "INFO", "WARNING"]
FRAMES = [
    {"file": f"shop/{service}/{thing}.py", "line": 17 + number, "function": f"{doing}_{thing}"}
    for number, (service, thing, doing) in enumerate(zip(SERVICES, THINGS, DOINGS, strict=False))
]
STACK = json_of({"type": "TimeoutError", "frames": FRAMES * 2})


def message(number: int) -> str:
    service, doing = SERVICES[number % 6], DOINGS[number // 8 % 8]
    return f"{service}: {THINGS[number % 8]} {doing} by way {number}"


def pool(messages: int, random: Random, size: int = POOL) -> list[EventRecord]:
    """Records as frequent as their message is: of the n-th one in proportion to 1/n."""
    weights = list(accumulate(1 / (number + 1) for number in range(messages)))
    numbers = [
        *range(messages),  # each at least once
        *random.choices(range(messages), cum_weights=weights, k=max(0, size - messages)),
    ]
    return [record(number, TURNS[number % len(TURNS)], random) for number in numbers]


def record(number: int, level: str, random: Random) -> EventRecord:
    service = SERVICES[number % 6]
    return EventRecord(
        message=message(number),
        level=LEVELS[level],
        tags=json_of(
            {
                "service": service,
                "region": random.choice(REGIONS),
                "user_id": str(random.randrange(100_000)),
            }
        ),
        stack=STACK if random.random() < 0.1 else None,
        environment=random.choices(["production", "staging"], [9, 1])[0],
        release=random.choice(RELEASES),
        logger=f"shop.{service}",
        server_name=f"web-{random.randrange(8)}",
    )


def share(hour: datetime) -> float:
    """How busy an hour is: twice as much by day as at night, less at weekends."""
    by_day = 1.5 + 0.5 * sin((hour.hour - 9) / 24 * 2 * pi)
    return by_day * (0.7 if hour.weekday() >= 5 else 1)


def plan(events: int, days: int, now: datetime) -> dict[datetime, int]:
    """How many events each hour gets."""
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(days=days)
    hours = [first + number * HOUR for number in range(days * 24 + 1)]
    weights = [share(hour) * min((now - hour) / HOUR, 1) for hour in hours]
    edges = [round(edge / sum(weights) * events) for edge in accumulate(weights, initial=0)]
    return {hour: high - low for hour, low, high in zip(hours, edges, edges[1:], strict=False)}


def moments_of(
    hours: list[tuple[datetime, int]], until: datetime, random: Random
) -> Iterator[datetime]:
    """When the events of these hours came, oldest first."""
    for hour, count in hours:
        seconds = (min(hour + HOUR, until) - hour).total_seconds()
        offsets = sorted(random.random() * seconds for _ in range(count))
        yield from (hour + timedelta(seconds=offset) for offset in offsets)


def fill_day(
    application_id: int, messages: int, until: datetime, hours: list[tuple[datetime, int]]
) -> int:
    random = Random(hours[0][0].isoformat())
    moments = list(moments_of(hours, until, random))
    records = pool(messages, random, min(POOL, 4 * len(moments)))
    for start in range(0, len(moments), BATCH):
        at = moments[start : start + BATCH]
        chosen = random.choices(records, k=len(at))
        for position in range(len(at)):
            if random.random() < CRITICAL:
                chosen[position] = record(random.randrange(3), "CRITICAL", random)
        pipeline.accept(application_id, Batch(chosen, range(len(at))), received_at=at)
    return len(moments)


def fill(name: str, events: int, days: int, messages: int) -> Application:
    """Fill the application of this name, made where there is none, with events up to now."""
    now = datetime.now(UTC)
    application, _ = Application.objects.get_or_create(name=name)
    by_day: dict[str, list[tuple[datetime, int]]] = {}
    for hour, count in plan(events, days, now).items():
        by_day.setdefault(f"{hour:%Y%m%d}", []).append((hour, count))
    partitions.ensure(*(hours[0][0].date() for hours in by_day.values()))
    connections.close_all()  # a child would share it
    started, stored = time.monotonic(), 0
    one_day = partial(fill_day, application.pk, messages, now)
    with multiprocessing.get_context("fork").Pool((os.cpu_count() or 1) + 1) as workers:
        for count in workers.imap(one_day, by_day.values()):
            stored += count
            print(f"{stored:,} events, {stored / (time.monotonic() - started):,.0f}/s", flush=True)
    while closing.close_one():  # as the worker would
        pass
    analyze()
    return application


def analyze() -> None:
    """Vacuum too, as time would: fresh rows are otherwise looked at twice to see if they count."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for model in partitions.partitioned_models():
            cursor.execute(f"VACUUM (ANALYZE) {model._meta.db_table}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--messages", type=int, default=50)
    parser.add_argument("--name", required=True)
    options = parser.parse_args()
    application = fill(options.name, options.events, options.days, options.messages)
    print(f"Application {application.pk}, {application.name}: {options.events:,} events.")


if __name__ == "__main__":
    main()
