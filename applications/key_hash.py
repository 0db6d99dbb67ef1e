"""The hash under which a key is stored and looked up, and the digits that are shown of it."""

import hashlib
import re

_SECRET = re.compile(r"[0-9a-f]{32}\Z")


def key_hash(secret: str) -> bytes | None:
    """The SHA-256 of a secret in any of its spellings, or None where it can't be a key.

    32 hex digits, dashes (a UUID) and capitals allowed. No salt: 128 random bits can't be
    guessed from a table.
    """
    digits = _digits(secret)
    return hashlib.sha256(digits.encode()).digest() if digits else None


def key_prefix(secret: str) -> str:
    """The first digits of a secret; none where it can't be a key: it may be another's password."""
    return _digits(secret)[:8]


def _digits(secret: str) -> str:
    digits = secret.strip().replace("-", "").lower()
    return digits if _SECRET.match(digits) else ""
