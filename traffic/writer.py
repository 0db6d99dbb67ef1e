"""Writes requests in bulk. Called inside the one transaction of a group commit, by nobody else."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from loghandler import arrays, ledger
from loghandler.bulk import BulkTable
from loghandler.ledger import Ledger
from loghandler.statements import Connection, Statement, Work
from traffic.records import StoredRequest

TABLE = BulkTable(
    "traffic_request",
    {
        "application_id": ("int8", arrays.bigints),
        "occurred_at": ("timestamptz", arrays.timestamps),
        "received_at": ("timestamptz", arrays.timestamps),
        "id": ("uuid", arrays.uuid_objects),
        "request_id": ("uuid", arrays.uuid_objects),
        "event_id": ("uuid", arrays.uuid_objects),
        "agent": ("int8", arrays.nullable_bigints),
        "request_bytes": ("int8", arrays.nullable_bigints),
        "response_bytes": ("int8", arrays.nullable_bigints),
        "duration_ms": ("float4", arrays.reals),
        "status": ("int2", arrays.smallints),
        "bucket": ("int2", arrays.smallints),
        "method": ("text", arrays.texts),
        "route": ("text", arrays.texts),
        "path": ("text", arrays.texts),
        "hostname": ("text", arrays.texts),
        "version": ("text", arrays.texts),
        "framework": ("text", arrays.texts),
        "release": ("text", arrays.texts),
        "environment": ("text", arrays.texts),
        "referrer": ("text", arrays.texts),
        "country": ("text", arrays.texts),
        "client": ("text", arrays.texts),
        "system": ("text", arrays.texts),
        "device": ("text", arrays.texts),
        '"user"': ("text", arrays.texts),
        "trace_id": ("text", arrays.texts),
        "ip_address": ("inet", arrays.inets),
    },
)
LEDGER = Ledger("traffic_seenrequestid", "request_id")
# Sorted, as all that two writers may insert at once.
ADD_AGENTS = Statement("""
    INSERT INTO traffic_useragent (application_id, month, number, text)
    SELECT * FROM unnest($1::bigint[], $2::date[], $3::bigint[], $4::text[])
    ON CONFLICT DO NOTHING
""")


def claim(connection: Connection, requests: Sequence[StoredRequest]) -> dict[UUID, UUID]:
    """Claim the senders' ids; returns id → id of the request stored before it."""
    sent = [
        (request.application_id, request.request_id, request.id)
        for request in requests
        if request.request_id is not None
    ]
    return LEDGER.claim(connection, sent, {request.received_at for request in requests})


def days_of(requests: Iterable[StoredRequest]) -> set[date]:
    """The days whose partitions these requests are written to."""
    days: set[date] = set()
    for request in requests:
        days |= {request.occurred_at.date(), *ledger.days_of([request.received_at])}
    return days


def written(connection: Connection, requests: Sequence[StoredRequest]) -> list[Work]:
    """Insert many; of few, the statements that insert them. Raises DataError and its kin."""
    work = TABLE.written(connection, [_row(request) for request in requests])
    agents = {
        (request.application_id, request.occurred_at.date().replace(day=1), request.agent):
        request.user_agent
        for request in requests
        if request.agent is not None
    }  # fmt: skip
    if agents:
        applications, months, numbers = zip(*sorted(agents), strict=True)
        columns = [
            arrays.bigints(applications),
            arrays.dates(months),
            arrays.bigints(numbers),
            arrays.texts(agents[key] for key in sorted(agents)),
        ]
        work.append((ADD_AGENTS, columns))
    return work


def _row(request: StoredRequest) -> tuple[Any, ...]:
    return (
        request.application_id,
        request.occurred_at,
        request.received_at,
        request.id,
        request.request_id,
        request.event_id,
        request.agent,
        request.request_bytes,
        request.response_bytes,
        request.duration_ms,
        request.status,
        request.bucket,
        request.method,
        request.route,
        request.path,
        request.hostname,
        request.version,
        request.framework,
        request.release,
        request.environment,
        request.referrer,
        request.country,
        request.client,
        request.system,
        request.device,
        request.user,
        request.trace_id,
        request.ip_address,
    )
