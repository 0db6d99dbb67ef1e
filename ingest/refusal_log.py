"""What ingestion refused of each application, by reason and hour: added to, and read.

Every reading names its application: refusals of one are nobody else's business.
"""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from applications.models import Application
from ingest.models import RefusalCount
from ingest.refusal_tally import MOST_REASONS, OTHER, Count, merged
from loghandler import partitions

_STORED = """
    SELECT application_id, hour, count(*), array_agg(digest) FILTER (WHERE digest = ANY(%s::uuid[]))
    FROM ingest_refusalcount
    WHERE application_id = ANY(%s::bigint[]) AND hour = ANY(%s::timestamptz[])
    GROUP BY application_id, hour
"""
# Sorted by key, as every upsert of many rows: unsorted, two processes deadlock.
_ADD = """
    INSERT INTO ingest_refusalcount AS t (application_id, hour, digest, status, n, first_seen,
        last_seen, reason, key_prefix, client)
    SELECT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::uuid[], %s::smallint[], %s::bigint[],
        %s::timestamptz[], %s::timestamptz[], %s::text[], %s::text[], %s::text[])
    ON CONFLICT (application_id, hour, digest) DO UPDATE SET
        n = t.n + EXCLUDED.n,
        first_seen = LEAST(t.first_seen, EXCLUDED.first_seen),
        last_seen = GREATEST(t.last_seen, EXCLUDED.last_seen),
        reason = CASE WHEN EXCLUDED.last_seen < t.last_seen THEN t.reason ELSE EXCLUDED.reason END,
        key_prefix = CASE WHEN EXCLUDED.last_seen < t.last_seen
            THEN t.key_prefix ELSE EXCLUDED.key_prefix END,
        client = CASE WHEN EXCLUDED.last_seen < t.last_seen THEN t.client ELSE EXCLUDED.client END
"""


@dataclass(frozen=True, slots=True)
class RefusedReason:
    """Why requests and events of one application were refused; the texts are of the newest."""

    status: int  # of the answer; 400 for an event of a batch
    reason: str
    count: int  # a refused request counts once, whatever it held
    last_seen: datetime
    key_prefix: str  # first digits of the key that was sent; "" where none of them can be shown
    client: str  # the User-Agent


def refused(application_id: int, since: datetime) -> list[RefusedReason]:
    """Why the application's senders were refused since a moment, newest first.

    Counted by whole hours: of a reason that was seen since, the hour of `since` counts in full.
    Past the newest hundred, reasons are summed up as "Other reasons.", by status.
    """
    rows = RefusalCount.objects.of(application_id).since(since).order_by("-last_seen")
    reasons: dict[UUID, RefusedReason] = {}
    others: dict[int, RefusedReason] = {}
    for row in rows:
        has_room = row.digest in reasons or len(reasons) < MOST_REASONS
        if row.reason != OTHER and has_room:
            reasons[row.digest] = _with(reasons.get(row.digest), row, row.reason)
        else:
            others[row.status] = _with(others.get(row.status), row, OTHER)
    found = [*reasons.values(), *others.values()]
    return sorted(found, key=lambda one: one.last_seen, reverse=True)


def _with(found: RefusedReason | None, row: RefusalCount, reason: str) -> RefusedReason:
    """A reason and one of its older rows; the newest alone is given None."""
    if found is not None:
        return replace(found, count=found.count + row.n)
    return RefusedReason(row.status, reason, row.n, row.last_seen, row.key_prefix, row.client)


def refused_count(application_id: int, since: datetime) -> int:
    """How many requests and events were refused since a moment, as `refused` counts them."""
    total = RefusalCount.objects.of(application_id).since(since).aggregate(n=Sum("n"))
    return int(total["n"] or 0)


def add(counts: Sequence[Count]) -> set[int]:
    """Add counts to what is stored; returns which of their applications exist.

    What is about other applications is left out.
    """
    asked = {count.application_id for count in counts}
    existing = set(Application.objects.filter(pk__in=asked).values_list("pk", flat=True))
    if known := [count for count in counts if count.application_id in existing]:
        try:
            _add(known)
        except IntegrityError:  # no partition: nothing else is checked in this table
            partitions.ensure(*{count.hour.date() for count in known})
            _add(known)
    return existing


@transaction.atomic
def _add(counts: Sequence[Count]) -> None:
    rows = map(astuple, merged(_within_bounds(counts)))
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [list(column) for column in zip(*rows, strict=True)])


@dataclass(slots=True)
class _Stored:
    """What is stored of an application and hour."""

    reasons: int = 0
    digests: set[UUID] = field(default_factory=set)  # those that are asked for


def _within_bounds(counts: Sequence[Count]) -> Iterable[Count]:
    """The counts, those of new reasons as other reasons where the application has too many.

    Two processes that write at once may both find room: the bound is not exact.
    """
    stored = _stored(counts)
    for count in counts:
        found = stored.setdefault(count.key[:2], _Stored())
        if count.digest in found.digests:
            yield count
        elif found.reasons < MOST_REASONS:
            found.reasons += 1
            yield count
        else:
            yield count.as_other()


def _stored(counts: Sequence[Count]) -> dict[tuple[Any, ...], _Stored]:
    applications, hours, digests = zip(*{count.key for count in counts}, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_STORED, [list(digests), list(set(applications)), list(set(hours))])
        return {
            (application_id, hour): _Stored(reasons, set(known or ()))
            for application_id, hour, reasons, known in cursor.fetchall()
        }
