"""What the evaluation of rules costs a minute, over the database that the settings name.

    .venv/bin/python -m benchmarks.evaluating [--rules usual] [--applications 100] [--minutes 5]

Each application has five rules, usual or costly ones, a monitor, and some events and requests in
every minute, the last of which are now. Rules are evaluated every 15 seconds, without waiting for
them to pass; the CPU of this process and of its PostgreSQL is counted. What was made is deleted
again. Prints JSON.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loghandler.settings")
django.setup()

from django.db import connection  # noqa: E402

from alerts import evaluating, kinds  # noqa: E402
from alerts.models import Alert, Rule  # noqa: E402
from alerts.records import (  # noqa: E402
    CertificateEnds,
    Condition,
    ErrorRate,
    ManyEvents,
    MonitorDown,
    NewMessage,
    NoEvent,
    ReturnedMessage,
    SlowRequests,
)
from applications.models import Application  # noqa: E402
from events.records import LEVELS, EventRecord  # noqa: E402
from ingest import pipeline  # noqa: E402
from ingest.records import Batch  # noqa: E402
from monitors.factories import create_monitor  # noqa: E402
from traffic.records import RequestRecord  # noqa: E402

RULES: dict[str, Sequence[Condition]] = {
    "usual": (NewMessage(), ManyEvents(), ErrorRate(), MonitorDown(), CertificateEnds()),
    "costly": (
        ReturnedMessage(),
        NoEvent(),
        SlowRequests(),
        ManyEvents(more_than=50, contains="message 7"),
        ErrorRate(),
    ),
}
MINUTE, STEP = timedelta(minutes=1), timedelta(seconds=15)


def create(count: int, rules: Sequence[Condition], since: datetime) -> list[Application]:
    applications = []
    for number in range(count):
        application = Application.objects.create(name=f"rules-{number}")
        create_monitor(application=application, certificate_until=since + timedelta(days=60))
        create_rules(application, rules, since)
        applications.append(application)
    return applications


def create_rules(application: Application, rules: Sequence[Condition], since: datetime) -> None:
    for condition in rules:
        kind, fields = kinds.stored(condition)
        Rule.objects.create(
            application=application,
            name=kind,
            kind=kind,
            condition=fields,
            evaluated_until=since,
        )


def send(application: Application, at: datetime, random: Random) -> None:
    """Twenty events of a dozen messages and thirty requests, a few of which fail."""
    events = [
        EventRecord(message=f"message {random.randrange(12)}", level=LEVELS["ERROR"])
        for _ in range(20)
    ]
    requests = [
        RequestRecord(
            method="GET",
            path=f"/things/{random.randrange(9)}",
            status=random.choice([200] * 30 + [500]),
            duration_ms=random.lognormvariate(3, 1),
            occurred_at=at,
        )
        for _ in range(30)
    ]
    pipeline.accept(
        application.pk,
        Batch(events, range(20), requests=requests, request_positions=range(30)),
        received_at=at,
    )


def cpu_seconds() -> Callable[[], float]:
    """Of this process and of the PostgreSQL of its connection, if that is on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    stat, tick = Path(f"/proc/{pid}/stat"), os.sysconf("SC_CLK_TCK")

    def used() -> float:
        fields = stat.read_text().rpartition(")")[2].split()
        return time.process_time() + (int(fields[11]) + int(fields[12])) / tick

    return used


def measure(count: int, rules: Sequence[Condition], minutes: int) -> dict[str, float]:
    """CPU seconds a minute, and milliseconds of the wall that an evaluation takes."""
    begin = datetime.now(UTC).replace(second=0, microsecond=0) - (minutes + 5) * MINUTE
    random = Random(1)
    applications = create(count, rules, begin)
    used, total, wall = cpu_seconds(), 0.0, 0.0
    try:
        for minute in range(-1, minutes):  # the first one learns what is there
            at = begin + minute * MINUTE
            for application in applications:
                send(application, at, random)
            before, started = used(), time.monotonic()
            for step in range(4):
                evaluating.evaluate(at + step * STEP)
            if minute >= 0:
                total += used() - before
                wall += time.monotonic() - started
        alerts = Alert.objects.filter(application__in=applications).count()
    finally:
        for application in applications:
            application.delete()
    return {
        "rules": count * len(rules),
        "cpu_seconds": round(total / minutes, 3),
        "milliseconds": round(wall / minutes / 4 * 1000),
        "alerts": alerts,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", choices=RULES, default="usual")
    parser.add_argument("--applications", type=int, default=100)
    parser.add_argument("--minutes", type=int, default=5)
    arguments = parser.parse_args()
    print(json.dumps(measure(arguments.applications, RULES[arguments.rules], arguments.minutes)))
