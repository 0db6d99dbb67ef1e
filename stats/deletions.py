"""Carries out what people have deleted on a page: applications, and events before a moment.

In the worker, a few seconds at a time; what is interrupted goes on at the next start.
"""

from collections.abc import Iterator
from datetime import timedelta
from time import monotonic

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from applications import deletion
from applications.models import Application
from events.models import Event
from loghandler.database_lock import claimed
from stats import retention
from stats.traffic import deletions as traffic_deletions
from traffic.models import WantedDeletion

# Then the worker looks whether something else is due, or whether it is to stop.
SECONDS = 5.0

# Two workers at once would take each other's batches for the last one.
LOCK = "loghandler.deletions"


def carry_out() -> bool:
    """Delete for a while; True where there may be more."""
    with claimed(LOCK) as alone:
        if not alone:
            return False
        batches = _waiting_batches()
        if batches is None:
            return False
        deadline = monotonic() + SECONDS
        for _ in batches:
            if monotonic() > deadline:
                break
        return True


def _waiting_batches() -> Iterator[int] | None:
    """What deletes, batch by batch, the next of what is to be deleted; None where nothing is."""
    if application := _waiting():
        return _batches(application)
    wanted = WantedDeletion.objects.first()
    return None if wanted is None else traffic_deletions.wanted_batches(wanted)


def _waiting() -> Application | None:
    """One with something to delete; a deleted one when no process takes its keys any more."""
    closed = timezone.now() - timedelta(seconds=settings.KEY_CACHE_SECONDS)
    wanted = Q(deleted_at__lte=closed) | Q(deleted_at=None, delete_events_before__isnull=False)
    return Application.objects.filter(wanted).order_by("pk").first()


def _batches(application: Application) -> Iterator[int]:
    before = application.delete_events_before
    if application.deleted_at or before is None:
        yield from deletion.batches(application)
        return
    yield from retention.event_batches(application, before)
    # Pruning takes batches away, too. A wish of meanwhile may be a wider one: it stays.
    if not Event.objects.of(application.pk).until(before).exists():
        Application.objects.filter(pk=application.pk, delete_events_before=before).update(
            delete_events_before=None
        )
