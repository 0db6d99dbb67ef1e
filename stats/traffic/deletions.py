"""Deletes requests of an application; what was counted of them goes in the same transaction."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from loghandler import queue
from stats.traffic import rebuilding
from traffic.models import Request, RequestQuerySet, WantedDeletion


def want(
    application_id: int,
    *,
    before: datetime | None = None,
    user: str | None = None,
    address: str | None = None,
) -> WantedDeletion:
    """Have the worker delete them, those that have occurred until now."""
    now = timezone.now()
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as requests have their times
    wanted = WantedDeletion.objects.create(
        application_id=application_id,
        before=min(before or now, now),
        user=user,
        ip_address=address,
    )
    queue.defer(queue.DELETING)
    return wanted


def wanted_batches(wanted: WantedDeletion) -> Iterator[int]:
    """Delete what is wanted, and the wish with the last of it."""
    yield from batches(
        wanted.application_id, before=wanted.before, user=wanted.user, address=wanted.ip_address
    )
    wanted.delete()


def batches(
    application_id: int,
    *,
    before: datetime | None = None,
    user: str | None = None,
    address: str | None = None,
) -> Iterator[int]:
    """Delete the requests that occurred before a moment, of a user, of an address: those of which
    all that is given is true. A transaction for each day; gives how many went with it.
    """
    for day in rebuilding.days():
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        if before is not None and midnight >= before:
            return
        requests = Request.objects.of(application_id).since(midnight)
        requests = requests.until(midnight + timedelta(days=1))
        if before is not None:
            requests = requests.until(before)
        if user is not None:
            requests = requests.filter(user=user)
        if address is not None:
            requests = requests.filter(ip_address=address)
        if deleted := _delete(requests, day, application_id):
            yield deleted


def _delete(requests: RequestQuerySet, day: date, application_id: int) -> int:
    if not requests.exists():
        return 0
    with transaction.atomic():
        rebuilding.lock(day)
        deleted = requests._raw_delete(requests.db)  # noqa: SLF001  nothing refers to requests
        rebuilding.rebuild(day, application_id)
    return int(deleted)
