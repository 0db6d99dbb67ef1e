"""Gives disk space back: drops days past their keeping, and deletes what applications keep less.

Tables and rollups change in one transaction: statistics equal the rows at every moment.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction

from applications.models import Application
from events.deletion import delete_before
from loghandler import partitions, statements
from stats import closing, rollups
from stats.traffic import closing as traffic_closing
from stats.traffic import deletions as traffic_deletions
from traffic import salts

logger = logging.getLogger(__name__)

_BATCH_EVENTS = 2_000
_DROP_TRIES = 5


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a run of `prune` gave back."""

    partitions: list[str]
    events: int  # deleted one by one, for applications that keep theirs for less
    requests: int  # the same


def prune(now: datetime | None = None) -> Pruned:
    """Drop the days and delete the events that are past their keeping."""
    now = now or datetime.now(UTC)
    first = now.date() - timedelta(days=settings.RETENTION_DAYS)
    closing.open_again(before=first)
    traffic_closing.open_again(before=first)
    dropped = []
    for names in partitions.expired(now).values():
        if _drop(names):
            dropped += names
    events = requests = 0
    for application, before in _keeping_less(now):
        events += delete_events(application, before)
        requests += sum(traffic_deletions.batches(application.pk, before=before))
    salts.forget_old(now.date())
    return Pruned(dropped, events, requests)


def _drop(names: list[str]) -> bool:
    """Drop partitions of one day; False where readers kept them busy: the next run drops them."""
    for _ in range(_DROP_TRIES):
        try:
            partitions.drop(names)
        except OperationalError as error:
            logger.warning("Waiting to drop %s: %s", ", ".join(names), error)
        else:
            return True
    return False


def _keeping_less(now: datetime) -> Iterator[tuple[Application, datetime]]:
    """Applications with a shorter retention than the installation's, and their first kept day."""
    for application in Application.objects.filter(retention_days__lt=settings.RETENTION_DAYS):
        yield application, kept_since(application.retention_days, now)


def kept_since(days: int | None, now: datetime) -> datetime:
    """The first moment that an application keeps which wants to keep so many days: whole ones.

    None is the installation's number, which is also the most.
    """
    kept = min(days or settings.RETENTION_DAYS, settings.RETENTION_DAYS)
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=kept)


def delete_events(application: Application, before: datetime) -> int:
    """Delete the application's events received before a moment; returns how many they were."""
    return sum(event_batches(application, before))


def event_batches(application: Application, before: datetime) -> Iterator[int]:
    """Delete as `delete_events` does, pausing after each batch; gives how many went with it."""
    while batch := _delete_batch(application.pk, before):
        yield batch


def _delete_batch(application_id: int, before: datetime) -> int:
    with transaction.atomic(), connection.cursor() as wrapper:
        cursor: Any = wrapper.cursor  # psycopg's own: it returns UUIDs and takes %b
        rows = delete_before(cursor, application_id, before, limit=_BATCH_EVENTS)
        if rows:
            tally = rollups.Tally(rows)
            statements.run(cursor.connection, rollups.additions(tally, sign=-1))
            rollups.forget_empty(cursor, tally)
    return len(rows)
