"""The look-up of keys by their secret, with a short memory in each process.

Every ingest request passes here, so that a hit costs a hash and a dictionary look-up. A change of
a key or of its application empties the memory of the process that made it (`forget_all`); other
processes follow within `settings.KEY_CACHE_SECONDS`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

from django.conf import settings
from django.db import OperationalError

from applications.key_hash import key_hash
from applications.models import Key

_MISS_SECONDS = 1.0
# Real keys are few; guessed ones must not fill the memory.
_MOST_HITS = 10_000
_MOST_MISSES = 1_000

# Each operation on a dict is atomic for threads and greenlets; entries are replaced whole.
_hits: dict[bytes, tuple[float, "CachedKey"]] = {}
_misses: dict[bytes, float] = {}
_generation = 0


@dataclass(frozen=True, slots=True)
class CachedKey:
    """What a request needs to know of a key, whether it still works or not."""

    id: int
    application_id: int
    application_active: bool
    kind: str
    prefix: str
    ended_at: datetime | None

    def works_at(self, moment: datetime) -> bool:
        return self.ended_at is None or moment < self.ended_at


def look_up(secret: str) -> CachedKey | None:
    """The key of this secret, ended ones too (so that the answer can say when), or None.

    Costs one query where this process does not remember the secret.
    """
    digest = key_hash(secret)
    if digest is None:
        return None
    now = monotonic()
    entry = _hits.get(digest)
    if entry:
        until, key = entry
        if now < until:
            return key
        # One request refreshes a busy key; those beside it go on with what is remembered.
        _hits[digest] = (now + min(_MISS_SECONDS, settings.KEY_CACHE_SECONDS), key)
    elif now < _misses.get(digest, 0.0):
        return None
    generation = _generation
    try:
        found = _stored_key(digest)
    except OperationalError:
        if entry is None:
            raise
        return entry[1]  # readers hold all connections: no reason to refuse who sends
    if generation == _generation:  # else a change has overtaken the query: answer, forget
        _remember(digest, found)
    return found


def ended_sentence(key: CachedKey | Key) -> str:
    """What to tell the holder of an ended key: enough to find it, nothing to use it."""
    ended_at = key.ended_at
    moment = f"{ended_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if ended_at else "an unknown time"
    return f"The key {key.prefix}… ended at {moment}."


def forget_all() -> None:
    """Forget hits and misses, so that the next look-up of each secret asks the database."""
    global _generation
    _generation += 1
    _hits.clear()
    _misses.clear()


def _stored_key(digest: bytes) -> CachedKey | None:
    key = Key.objects.select_related("application").filter(sha256=digest).first()
    if key is None:
        return None
    return CachedKey(
        id=key.pk,
        application_id=key.application_id,
        application_active=key.application.active,
        kind=key.kind,
        prefix=key.prefix,
        ended_at=key.ended_at,
    )


def _remember(digest: bytes, key: CachedKey | None) -> None:
    """Keep the answer, also that there is no such key; a full memory starts afresh."""
    _hits.pop(digest, None)
    if key is None:
        if len(_misses) >= _MOST_MISSES:
            _misses.clear()
        _misses[digest] = monotonic() + min(_MISS_SECONDS, settings.KEY_CACHE_SECONDS)
    else:
        if len(_hits) >= _MOST_HITS:
            _hits.clear()
        _hits[digest] = (monotonic() + settings.KEY_CACHE_SECONDS, key)
