"""Keys: made, shown once, stored as a hash, rotated, revoked.

A key is 128 random bits, shown as 32 hex digits and accepted with dashes too (a UUID).
"""

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from applications.models import Application, Key

GRACE = timedelta(hours=24)
_SECRET = re.compile(r"[0-9a-f]{32}\Z")


def normalised(secret: str) -> str | None:
    """The secret as 32 lower-case hex digits, or None where it can't be a key."""
    digits = secret.strip().replace("-", "").lower()
    return digits if _SECRET.match(digits) else None


def sha256(secret: str) -> bytes:
    """The hash of a normalised secret. No salt: 128 random bits can't be guessed from a table."""
    return hashlib.sha256(secret.encode()).digest()


def issue(
    application: Application, kind: str, *, label: str = "", expires_at: datetime | None = None
) -> tuple[Key, str]:
    """Make a key; returns it with its secret, which can't be had again."""
    secret = secrets.token_hex(16)
    key = Key.objects.create(
        application=application,
        kind=kind,
        prefix=secret[:8],
        sha256=sha256(secret),
        label=label,
        expires_at=expires_at,
    )
    return key, secret


@transaction.atomic
def rotate(
    application: Application, kind: str, *, grace: timedelta = GRACE, label: str = ""
) -> tuple[Key, str, list[Key]]:
    """Issue a new key and let the valid ones of its kind end after `grace`.

    A key that ends sooner anyway keeps its end. Returns the new key, its secret and the old keys.
    """
    now = timezone.now()
    # Two rotations at once would each spare the other's key.
    Application.objects.select_for_update().get(pk=application.pk)
    old = list(application.keys.valid(now).filter(kind=kind))  # type: ignore[attr-defined]
    for key in old:
        if key.expires_at is None or key.expires_at > now + grace:
            key.expires_at = now + grace
            key.save(update_fields=["expires_at"])
    key, secret = issue(application, kind, label=label)
    return key, secret, old


def revoke(key: Key) -> None:
    """End a key now; one that has ended keeps its first end."""
    if key.ended_at is None or key.ended_at > timezone.now():
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
