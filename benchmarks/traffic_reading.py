"""Times the traffic page, in the view, over the database that the settings name; prints JSON.

    .venv/bin/python -m benchmarks.traffic_reading APPLICATION REQUESTS

As `benchmarks.reading` does: through Django's whole handler, within this process; milliseconds of
each request, by name.
"""

import gc
import json
import sys
import time

from benchmarks.reading import WARM_UP

from django.contrib.auth.models import User  # isort: skip  # after `reading`, which sets Django up
from django.test import Client

ZONES = {"India": "Asia/Kolkata"}  # of viewers, by a word of the name
PAGES = {
    "traffic page, 24 hours": "range=24h",
    "traffic page, 7 days": "range=7d",
    "traffic page, 30 days": "range=30d",
    "traffic page, 30 days, latency": "range=30d&figure=latency",
    "traffic page of a viewer in India, 30 days": "range=30d",
    "traffic page of a route, 24 hours": "range=24h&method=GET&route=/v1/orders/{id}",
    "traffic page of a country, 24 hours": "range=24h&country=US",
    "traffic page of a country, 30 days": "range=30d&country=US",
}


def read(application: int, requests: int) -> dict[str, list[float]]:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.filter(is_superuser=True)[0])
    taken: dict[str, list[float]] = {}
    for name, query in PAGES.items():
        zones = [zone for word, zone in ZONES.items() if word in name]
        client.cookies["zone"] = zones[0] if zones else "UTC"
        for number in range(WARM_UP + requests):
            if number == WARM_UP:
                gc.collect()
                gc.freeze()
            started = time.perf_counter()
            answer = client.get(f"/applications/{application}/traffic/?{query}")
            milliseconds = (time.perf_counter() - started) * 1000
            if answer.status_code != 200:
                raise SystemExit(f"{name}: {answer.status_code}")
            if number >= WARM_UP:
                taken.setdefault(name, []).append(milliseconds)
    return taken


if __name__ == "__main__":
    print(json.dumps(read(int(sys.argv[1]), int(sys.argv[2]))))
