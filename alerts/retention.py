"""Alerts and messages go when what they tell of is not kept any more."""

from datetime import datetime
from typing import Any

from django.db.models import Manager, QuerySet

from alerts import seen
from alerts.models import FAILED, SENT, TOGETHER, Alert, Notification, Watch
from applications.models import Application
from stats.retention import kept_since

BATCH_ROWS = 2_000


def prune(now: datetime) -> int:
    """Delete what is past its application's keeping; returns how many rows."""
    deleted = 0
    for application in Application.objects.existing():
        before = kept_since(application.retention_days, now)
        old = Notification.objects.filter(application=application, created_at__lt=before)
        done = old.filter(state__in=[SENT, FAILED, TOGETHER])
        deleted += _deleted(Notification.objects, done)
        over = Alert.objects.filter(application=application, end__lt=before)
        deleted += _deleted(Alert.objects, over)
    for watch in Watch.objects.select_related("application"):
        seen.forget(watch.pk, kept_since(watch.application.retention_days, now))
    return deleted


def _deleted(everything: Manager[Any], rows: QuerySet[Any]) -> int:
    """Delete in small transactions: what is told meanwhile does not wait."""
    total = 0
    while ids := list(rows.order_by().values_list("pk", flat=True)[:BATCH_ROWS]):
        everything.filter(pk__in=ids).delete()
        total += len(ids)
    return total
