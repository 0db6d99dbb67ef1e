"""What happens to an application, and what rules tell of it; times are minutes after noon."""

from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine

from alerts import evaluating
from alerts.factories import create_channel, create_rule
from alerts.models import Notification, Rule
from alerts.records import Condition
from applications.models import Application
from ingest import pipeline
from ingest.factories import create_batch, create_record, create_requests
from monitors.models import Monitor
from monitors.records import CheckRecord
from monitors.storing import Found, store
from traffic.factories import create_request_record

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def said(application: Application, at: datetime, message: str = "Boom", level: int = 40) -> None:
    with time_machine.travel(at, tick=False):
        record = create_record(message, level=level)
        pipeline.accept(application.pk, create_batch(record), received_at=at)


def asked(
    application: Application, at: datetime, status: int = 200, ms: float = 20, count: int = 1
) -> None:
    records = [
        create_request_record(occurred_at=at, status=status, duration_ms=ms) for _ in range(count)
    ]
    with time_machine.travel(at, tick=False):
        pipeline.accept(application.pk, create_requests(*records))


def rule_for(application: Application, condition: Condition, **fields: Any) -> Rule:
    channel = create_channel(application=application)
    fields = {"evaluated_until": NOON, **fields}
    return create_rule(channel, condition=condition, **fields)


def evaluate(*minutes: float) -> None:
    for minute in minutes:
        with time_machine.travel(NOON + minute * MINUTE, tick=False):
            evaluating.evaluate()


def told() -> list[str]:
    """What was told, oldest first."""
    return list(Notification.objects.order_by("pk").values_list("title", flat=True))


def spans(of: Rule) -> list[tuple[float, float | None]]:
    """When its alerts began and ended, in minutes after noon."""
    found = of.alerts.order_by("begin")
    return [
        ((alert.begin - NOON) / MINUTE, (alert.end - NOON) / MINUTE if alert.end else None)
        for alert in found
    ]


def check(monitor: Monitor, minute: float, failure: str | None) -> None:
    at = NOON + minute * MINUTE
    with time_machine.travel(at, tick=False):
        record = CheckRecord(at, failure, "Status 500" if failure else "")
        store([Found(monitor.application_id, monitor.pk, record)])
