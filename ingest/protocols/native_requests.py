"""Log Handler's own protocol of requests: one, a JSON array, or NDJSON (docs/send-requests.md)."""

import math
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from events import records
from ingest.protocols import json_items
from ingest.protocols.addresses import address
from ingest.protocols.json_items import Errors, ItemReader, Limits, NotPlain
from ingest.protocols.native import answered
from ingest.records import Batch, Outcome
from traffic.records import Address, RequestRecord, StoredRequest

MOST_BYTES = 2**62
LONGEST_MS = 2**31  # 25 days

_Status = Annotated[int, msgspec.Meta(ge=0, le=999)]
_Bytes = Annotated[int, msgspec.Meta(ge=0, le=MOST_BYTES)]
_Text = Annotated[str, msgspec.Meta(min_length=1)]


class _Wire(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A request as most senders write it."""

    method: _Text
    status: _Status
    path: _Text | None = None
    route: str | None = None
    duration_ms: Annotated[float, msgspec.Meta(ge=0, le=LONGEST_MS)] = 0.0
    occurred_at: datetime | None = None
    hostname: str | None = None
    ip_address: str | None = None
    user_agent: str | None = None
    user_id: str | None = None
    framework: str | None = None
    request_bytes: _Bytes | None = None
    response_bytes: _Bytes | None = None
    referrer: str | None = None
    release: str | None = None
    environment: str | None = None
    trace_id: str | None = None
    event_id: UUID | None = None
    request_id: UUID | None = None
    privacy_level: Annotated[int, msgspec.Meta(ge=0, le=2)] = 0


def parse(body: bytes, content_type: str, limits: Limits) -> Batch:
    """Read a body. Raises Refusal where nothing in it can be stored, with the reason."""
    found = _reader.read(body, content_type, limits)
    return Batch(
        rejected=found.rejected,
        single=found.single,
        requests=found.records,
        request_positions=found.positions,
    )


def answer(batch: Batch, outcome: Outcome) -> tuple[int, bytes]:
    """The status and JSON body that tell the sender what became of a batch."""
    return answered(
        batch.single, outcome.requests, outcome.duplicate_requests, outcome.rejected, request_json
    )


def request_json(request: StoredRequest) -> bytes:
    """A stored request as the REST API shows it."""
    return msgspec.json.encode(
        {
            "id": request.id,
            "application_id": request.application_id,
            "occurred_at": request.occurred_at,
            "received_at": request.received_at,
            "method": request.method,
            "route": request.route,
            "path": request.path,
            "status": request.status,
            "duration_ms": request.duration_ms,
            "request_bytes": request.request_bytes,
            "response_bytes": request.response_bytes,
            "hostname": request.hostname,
            "version": request.version,
            "framework": request.framework,
            "release": request.release,
            "environment": request.environment,
            "referrer": request.referrer,
            "ip_address": request.ip_address and str(request.ip_address),
            "country": request.country,
            "user_agent": request.user_agent,
            "client": request.client,
            "system": request.system,
            "device": request.device,
            "user": request.user,
            "trace_id": request.trace_id,
            "event_id": request.event_id,
            "request_id": request.request_id,
        }
    )


def _plain_record(wire: _Wire, clean: bool) -> RequestRecord:
    path = wire.path or wire.route
    if not clean or not path:
        raise NotPlain
    sender = address(wire.ip_address) if wire.ip_address else None
    if wire.ip_address and sender is None:
        raise NotPlain
    return RequestRecord(
        method=wire.method.upper(),
        path=path,
        status=wire.status,
        duration_ms=wire.duration_ms,
        route=wire.route or None,
        occurred_at=None if wire.occurred_at is None else json_items.utc(wire.occurred_at),
        hostname=wire.hostname or None,
        ip_address=sender,
        user_agent=wire.user_agent or None,
        user_id=wire.user_id or None,
        framework=wire.framework or None,
        request_bytes=wire.request_bytes,
        response_bytes=wire.response_bytes,
        referrer=wire.referrer or None,
        release=wire.release or None,
        environment=wire.environment or None,
        trace_id=wire.trace_id or None,
        event_id=wire.event_id,
        request_id=wire.request_id,
        privacy_level=wire.privacy_level,
    )


def _careful_record(value: dict[str, Any]) -> RequestRecord | Errors:
    """The record of a request's JSON object, or what is wrong with it by field."""
    fields, errors = json_items.fields_or_errors(value, _FIELDS, ["method", "status"])
    fields.setdefault("path", fields.get("route"))
    if not fields["path"] and not errors.keys() & {"path", "route"}:
        errors["path"] = ["Send the path, the route, or both."]
    errors |= {
        name: ["There is no such field; see docs/send-requests.md."]
        for name in value
        if name not in _FIELDS
    }
    return errors or RequestRecord(**fields)


def _text(given: Any) -> str | None:
    return json_items.careful_text(given) or None


def _method(given: Any) -> str:
    if not isinstance(given, str) or not given:
        raise ValueError("Use a method such as GET.")
    return records.storable(given).upper()


def _whole(least: int, most: int) -> Any:
    def read(given: Any) -> int:
        if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
            raise ValueError(f"Use a whole number from {least} to {most}.")
        return given

    return read


def _duration(given: Any) -> float:
    if (
        isinstance(given, bool)
        or not isinstance(given, int | float)
        or not math.isfinite(given)
        or not 0 <= given <= LONGEST_MS
    ):
        raise ValueError("Use milliseconds, 0 or more.")
    return float(given)


def _address(given: Any) -> Address | None:
    if not isinstance(given, str):
        raise ValueError("Use an IP address.")
    found = address(given) if given else None
    if given and found is None:
        raise ValueError("Use an IP address.")
    return found


_FIELDS: json_items.Fields = {
    "method": _method,
    "status": _whole(0, 999),
    "path": _text,
    "route": _text,
    "duration_ms": _duration,
    "occurred_at": json_items.careful_moment,
    "hostname": _text,
    "ip_address": _address,
    "user_agent": _text,
    "user_id": _text,
    "framework": _text,
    "request_bytes": _whole(0, MOST_BYTES),
    "response_bytes": _whole(0, MOST_BYTES),
    "referrer": _text,
    "release": _text,
    "environment": _text,
    "trace_id": _text,
    "event_id": json_items.careful_uuid,
    "request_id": json_items.careful_uuid,
    "privacy_level": _whole(0, 2),
}
_reader = ItemReader("request", _Wire, _plain_record, _careful_record)
