"""Times what readers ask for, in the view, over the database that the settings name; prints JSON.

    .venv/bin/python -m benchmarks.reading APPLICATION REQUESTS

Through Django's whole handler, within this process. Each request asks for another range, whose
ends are on no minute; milliseconds of each, by name.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from urllib.parse import urlencode
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loghandler.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from events.records import uuid7s  # noqa: E402

WARM_UP = 5
STATISTICS = {
    "timeseries, 30 days by hour": ("timeseries", 30, {"interval": "HOUR"}),
    "timeseries, 90 days by day": ("timeseries", 90, {"interval": "DAY"}),
    "timeseries of a level, 30 days by hour": (
        "timeseries", 30, {"interval": "HOUR", "level": "ERROR"},
    ),
    "by level, 30 days": ("by-level", 30, {}),
    "by level, 90 days": ("by-level", 90, {}),
    "top messages, 30 days": ("top-messages", 30, {}),
    "top messages, 90 days": ("top-messages", 90, {}),
}  # fmt: skip
# Days of the range (None: all), and the filters.
LISTS: Mapping[str, tuple[int | None, dict[str, str]]] = {
    "events, first page": (None, {}),
    "events, 30 days": (30, {}),
    "events, 90 days": (90, {}),
    "events of a level": (None, {"level": "ERROR"}),
    "events of a level, 90 days": (90, {"level": "ERROR"}),
    "events of a rare level": (None, {"level": "CRITICAL"}),
    "events from a level up": (None, {"min_level": "WARNING"}),
    "events with a text": (None, {"q": "order"}),
    "events with a tag": (None, {"tag": "service:checkout"}),
    "events of an environment": (None, {"environment": "production"}),
    "events of a release": (None, {"release": "4.18.0"}),
    "events of a logger": (None, {"logger": "shop.checkout"}),
}
RARE_TEXT = "events with a text that none has"
# The same answers from the events themselves.
RAW = {
    "timeseries, 30 days by hour": """
        SELECT date_trunc('hour', received_at), count(*) FROM events_event
        WHERE application_id = %s AND received_at >= %s AND received_at < %s GROUP BY 1""",
    "by level, 90 days": """
        SELECT level, count(*) FROM events_event
        WHERE application_id = %s AND received_at >= %s AND received_at < %s GROUP BY 1""",
    "top messages, 30 days": """
        SELECT message, count(*), max(received_at) FROM events_event
        WHERE application_id = %s AND received_at >= %s AND received_at < %s
        GROUP BY 1 ORDER BY 2 DESC LIMIT 10""",
}

random = Random()


def ragged(days: int) -> dict[str, str]:
    now = datetime.now(UTC)
    since = now - timedelta(days=days) + timedelta(seconds=random.random() * 3_600)
    until = now - timedelta(seconds=random.random() * 600)
    return {"since": since.isoformat(), "until": until.isoformat()}


def asking(path: str, days: int | None, options: dict[str, str]) -> str:
    return f"{path}?{urlencode(options | (ragged(days) if days else {}))}"


def deep_cursor() -> UUID:
    """Of an event some 60 days back."""
    moment = datetime.now(UTC) - timedelta(days=60, seconds=random.random() * 3_600)
    return uuid7s(int(moment.timestamp() * 1000), 1)[0]


def timed(requests: int, address: Callable[[], str]) -> list[float]:
    client = Client(SERVER_NAME="127.0.0.1")
    taken = []
    for _ in range(WARM_UP + requests):
        url = address()
        started = time.perf_counter()
        response = client.get(url)
        taken.append((time.perf_counter() - started) * 1000)
        if response.status_code != 200:
            raise SystemExit(f"{url}: {response.status_code} {response.content[:500]!r}")
    return taken[WARM_UP:]


def raw(application: int, statement: str, days: int) -> list[float]:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        span = ragged(days)
        started = time.perf_counter()
        cursor.execute(statement, [application, span["since"], span["until"]])
        cursor.fetchall()
        return [(time.perf_counter() - started) * 1000]


def read(application: int, requests: int) -> dict[str, list[float]]:
    base = f"/apps/{application}"
    taken: dict[str, list[float]] = {}
    for name, (route, days, options) in STATISTICS.items():
        taken[name] = timed(requests, partial(asking, f"{base}/stats/{route}", days, options))
    for name, (span, filters) in LISTS.items():
        taken[name] = timed(requests, partial(asking, f"{base}/events", span, filters))
    taken["events, deep cursor"] = timed(requests, lambda: f"{base}/events?cursor={deep_cursor()}")
    taken[RARE_TEXT] = timed(3, lambda: f"{base}/events?q=nowhere-{random.random()}")
    for name, statement in RAW.items():
        taken[f"raw: {name}"] = raw(application, statement, STATISTICS[name][1])
    return taken


if __name__ == "__main__":
    print(json.dumps(read(int(sys.argv[1]), int(sys.argv[2]))))
