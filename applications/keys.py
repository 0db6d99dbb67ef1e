"""Keys: made, shown once, stored as a hash, rotated, revoked.

A key is 128 random bits, shown as 32 hex digits and accepted with dashes too (a UUID).
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from applications import key_cache
from applications.key_hash import key_hash
from applications.models import Application, Key

GRACE = timedelta(hours=24)

# The minute that this process has last noted for each key.
_marked: dict[int, datetime] = {}


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key and its secret, which can't be had again."""

    key: Key
    secret: str


@dataclass(frozen=True, slots=True)
class Rotation:
    """A new key and the ones that it replaces, which end after the grace period."""

    issued: Issued
    ending: tuple[Key, ...]


def issue(
    application: Application, kind: str, *, label: str = "", expires_at: datetime | None = None
) -> Issued:
    """Make a key that works at once; raises ValidationError, as for a label that is too long."""
    key = Key(application=application, kind=kind, label=label, expires_at=expires_at)
    return Issued(key, store(key))


def store(key: Key) -> str:
    """Give an unsaved key its secret, and save it. Returns the secret."""
    secret = secrets.token_hex(16)
    key.prefix, key.sha256 = secret[:8], key_hash(secret)
    key.full_clean(validate_unique=False)
    key.save(force_insert=True)
    key_cache.forget_all()  # a look-up before its time must not hide it
    return secret


@transaction.atomic
def rotate(
    application: Application, kind: str, *, grace: timedelta = GRACE, label: str = ""
) -> Rotation:
    """Issue a new key and let the valid ones of its kind end after `grace`.

    A key that ends sooner anyway keeps its end.
    """
    # Two rotations at once would each spare the other's key.
    Application.objects.select_for_update().get(pk=application.pk)
    now = timezone.now()
    ending = tuple(Key.objects.valid(now).filter(application=application, kind=kind))
    for key in ending:
        if key.expires_at is None or key.expires_at > now + grace:
            key.expires_at = now + grace
            key.save(update_fields=["expires_at"])
    transaction.on_commit(key_cache.forget_all)
    return Rotation(issue(application, kind, label=label), ending)


def revoke(key: Key) -> None:
    """End a key now; one that has ended keeps its first end."""
    now = timezone.now()
    if key.ended_at is None or key.ended_at > now:
        key.revoked_at = now
        key.save(update_fields=["revoked_at"])
        transaction.on_commit(key_cache.forget_all)


def mark_used(key_id: int) -> None:
    """Note the minute in which a key is used: a statement per key, minute and process."""
    minute = timezone.now().replace(second=0, microsecond=0)
    if _marked.get(key_id) == minute:
        return
    unmarked = Q(last_used_at=None) | Q(last_used_at__lt=minute)
    Key.objects.filter(unmarked, pk=key_id).update(last_used_at=minute)
    _marked[key_id] = minute
