"""The hash under which a key is stored and looked up."""

import hashlib
import re

_SECRET = re.compile(r"[0-9a-f]{32}\Z")


def key_hash(secret: str) -> bytes | None:
    """The SHA-256 of a secret in any of its spellings, or None where it can't be a key.

    32 hex digits, dashes (a UUID) and capitals allowed. No salt: 128 random bits can't be
    guessed from a table.
    """
    digits = secret.strip().replace("-", "").lower()
    return hashlib.sha256(digits.encode()).digest() if _SECRET.match(digits) else None
