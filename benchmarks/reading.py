"""Times what readers ask for, in the view, over the database that the settings name; prints JSON.

    .venv/bin/python -m benchmarks.reading APPLICATION REQUESTS

Through Django's whole handler, within this process. Each request asks for another range, whose
ends are on no minute; milliseconds of each, by name.
"""

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loghandler.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from events.records import uuid7s  # noqa: E402

WARM_UP = 2
# What is asked, the days of its range (None: all), and the rest of its parameters.
Asked = tuple[str, int | None, Mapping[str, str]]

STATISTICS: Mapping[str, Asked] = {
    "timeseries, 30 days by hour": ("stats/timeseries", 30, {"interval": "HOUR"}),
    "timeseries, 90 days by day": ("stats/timeseries", 90, {"interval": "DAY"}),
    "timeseries of a level, 30 days by hour": (
        "stats/timeseries", 30, {"interval": "HOUR", "level": "ERROR"},
    ),
    "timeseries of a level, 90 days by day": (
        "stats/timeseries", 90, {"interval": "DAY", "level": "ERROR"},
    ),
    "by level, 30 days": ("stats/by-level", 30, {}),
    "by level, 90 days": ("stats/by-level", 90, {}),
    "top messages, 30 days": ("stats/top-messages", 30, {}),
    "top messages, 90 days": ("stats/top-messages", 90, {}),
}  # fmt: skip
FILTERS: Mapping[str, Mapping[str, str]] = {
    "of a level": {"level": "ERROR"},
    "of a rare level": {"level": "CRITICAL"},
    "from a level up": {"min_level": "WARNING"},
    "with a text": {"q": "order"},
    "with a tag": {"tag": "service:checkout"},
    "of an environment": {"environment": "production"},
    "of a release": {"release": "4.18.0"},
    "of a logger": {"logger": "shop.checkout"},
}
LISTS: Mapping[str, Asked] = {
    "events, first page": ("events", None, {}),
    "events, 30 days": ("events", 30, {}),
    "events, 90 days": ("events", 90, {}),
    **{f"events {name}": ("events", None, options) for name, options in FILTERS.items()},
    **{f"events {name}, 90 days": ("events", 90, options) for name, options in FILTERS.items()},
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
    """A range that many days long whose ends are on no minute."""
    now = datetime.now(UTC)
    since = now - timedelta(days=days) + timedelta(seconds=random.random() * 3_600)
    until = now - timedelta(seconds=random.random() * 600)
    return {"since": since.isoformat(), "until": until.isoformat()}


def address(application: int, asked: Asked) -> str:
    path, days, options = asked
    span = ragged(days) if days else {}
    return f"/apps/{application}/{path}?{urlencode({**options, **span})}"


def deep(application: int) -> str:
    """The list after an event some 60 days back."""
    moment = datetime.now(UTC) - timedelta(days=60, seconds=random.random() * 3_600)
    cursor = uuid7s(int(moment.timestamp() * 1000), 1)[0]
    return f"/apps/{application}/events?cursor={cursor}"


def rare(application: int) -> str:
    return f"/apps/{application}/events?q=nowhere-{random.random()}"


def timed(requests: int, address: Callable[[], str], warm_up: int = WARM_UP) -> list[float]:
    """Milliseconds of each request. Ends the program where an answer is not 200."""
    client = Client(SERVER_NAME="127.0.0.1")
    taken = []
    for _ in range(warm_up + requests):
        url = address()
        started = time.perf_counter()
        response = client.get(url)
        taken.append((time.perf_counter() - started) * 1000)
        if response.status_code != 200:
            raise SystemExit(f"{url}: {response.status_code} {response.content[:500]!r}")
    return taken[warm_up:]


def raw(application: int, statement: str, days: int) -> list[float]:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        span = ragged(days)
        started = time.perf_counter()
        cursor.execute(statement, [application, span["since"], span["until"]])
        cursor.fetchall()
        return [(time.perf_counter() - started) * 1000]


def read(application: int, requests: int) -> dict[str, list[float]]:
    asked = {**STATISTICS, **LISTS}
    for each in asked.values():
        timed(1, partial(address, application, each), warm_up=0)
    # As loghandler/gunicorn.py does: else the collector walks through all of Django now and then.
    gc.collect()
    gc.freeze()
    taken = {name: timed(requests, partial(address, application, asked[name])) for name in asked}
    taken["events, deep cursor"] = timed(requests, partial(deep, application))
    taken[RARE_TEXT] = timed(2, partial(rare, application), warm_up=0)
    for name, statement in RAW.items():
        taken[f"raw: {name}"] = raw(application, statement, STATISTICS[name][1] or 90)
    return taken


if __name__ == "__main__":
    print(json.dumps(read(int(sys.argv[1]), int(sys.argv[2]))))
