"""Fills a day that is past its keeping, and times how `prune` drops it; prints JSON.

Sizes are those of the database before, filled, and after, in bytes.
"""

import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loghandler.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from applications.models import Application  # noqa: E402
from benchmarks import filling  # noqa: E402
from events.models import Event  # noqa: E402
from loghandler import partitions  # noqa: E402
from stats import retention  # noqa: E402


def drop(events: int) -> dict[str, float]:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    day = midnight - timedelta(days=settings.RETENTION_DAYS + 2)
    partitions.ensure(day.date())
    before = size()
    hours = [(day + hour * filling.HOUR, events // 24) for hour in range(24)]
    filling.fill_day(Application.objects.earliest("pk").pk, 1_000, midnight, hours)
    with connection.cursor() as cursor:
        # What autovacuum does on the day itself: at work, it would be waited for.
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")
    filled = size()
    started = time.perf_counter()
    retention.prune()
    seconds = time.perf_counter() - started
    kept = Event.objects.filter(received_at__lt=day + timedelta(days=1)).count()
    return {
        "seconds": seconds, "events": kept, "before": before, "filled": filled, "after": size(),
    }  # fmt: skip


def size() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    print(json.dumps(drop(int(sys.argv[1]))))
