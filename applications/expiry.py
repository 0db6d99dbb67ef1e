"""What nobody has used for long: marked, and ended when the grace is over.

A key is used when it opens something; an application while any of its keys is used or made, and
when it is new itself.
`stats/expiry.py` also knows what has come in by other ways, and makes the rounds.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from applications import deletion, keys
from applications.models import Application, ExpiryWatch, Key

logger = logging.getLogger(__name__)

EXPIRING: tuple[Any, ...] = (Application, Key)
# Rounds are an hour apart. When nobody watched, nobody could use or keep anything either.
ABSENCE, LONG_ABSENCE = timedelta(hours=2), timedelta(days=7)


def watch(now: datetime) -> None:
    """Note that somebody looks. The time of an absence, or of a clock's jump, is nobody's grace.

    After a long one all use is counted anew: who was away themselves can't tell who else was.
    """
    with transaction.atomic():
        last, _ = ExpiryWatch.objects.get_or_create(pk=1, defaults={"seen_at": now})
        away = now - last.seen_at
        last.seen_at = now
        if abs(away) > LONG_ABSENCE:
            last.counting_since = now
            logger.warning("Nobody looked for what is unused for %s: use counts anew.", away)
        last.save()
        if away > ABSENCE:
            for each in EXPIRING:
                promised = each.objects.filter(grace_ends_at__isnull=False)
                promised.update(grace_ends_at=F("grace_ends_at") + away)


def unused_before(now: datetime) -> datetime | None:
    """What was used last before this moment is unused; None where nothing can be at the moment."""
    if not settings.EXPIRY_DAYS:
        return None
    before = now - timedelta(days=settings.EXPIRY_DAYS)
    anew = ExpiryWatch.objects.filter(counting_since__gte=before)
    return None if anew.exists() else before


def mark(thing: Application | Key, last_use: datetime) -> None:
    """Note that it is unused; its owners are not told yet, nor is there an end."""
    if _row(thing).filter(unused_since=None).update(unused_since=last_use):
        logger.info("The %s is unused since %s.", described(thing), last_use)
        if isinstance(thing, Application):
            thing.keys.unmark()  # they end with it


def unmark(thing: Application | Key) -> None:
    if _row(thing).marked().unmark():
        logger.info("The %s counts as used again.", described(thing))


def unmark_used() -> bool:
    """Unmark what has been used since it was marked, or is not too long unused any more."""
    before = unused_before(timezone.now())
    for each in EXPIRING:
        marked = each.objects.may_expire().marked()
        if before is not None:
            marked = marked.with_last_use().filter(last_use__gte=before)
        for thing in marked:
            unmark(thing)
    return False


def keep(thing: Application | Key) -> None:
    """Somebody wants it: that is a use."""
    _row(thing).unmark(kept_at=timezone.now())
    logger.info("The %s is kept.", described(thing))


def end(thing: Application | Key, now: datetime, before: datetime) -> bool:
    """Delete the application, or revoke the key, unless it has been used or kept meanwhile."""
    with transaction.atomic():
        # Whoever keeps it writes the same row: either this is seen here, or it comes too late.
        if not _row(thing).due(now).select_for_update(no_key=True).exists():
            return False
        if not _row(thing).with_last_use().filter(last_use__lt=before).exists():
            return False
        logger.warning("The %s ends: unused since %s.", described(thing), thing.unused_since)
        if isinstance(thing, Application):
            deletion.want(thing)
        else:
            keys.revoke(thing)
    return True


def described(thing: Application | Key) -> str:
    return f"{thing} of {thing.application}" if isinstance(thing, Key) else f"application {thing}"


def _row(thing: Application | Key) -> Any:
    return type(thing).objects.filter(pk=thing.pk)
