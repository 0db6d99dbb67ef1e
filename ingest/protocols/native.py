"""Log Handler's own event protocol: one event, a JSON array, or NDJSON (docs/send-events.md)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec

from events import records
from events.records import SHORT_TEXT, EventRecord, Json
from ingest.protocols import json_items
from ingest.protocols.json_items import Errors, ItemReader, Limits, NotPlain
from ingest.records import Batch, Outcome, Rejection

_ABSENT = msgspec.Raw(b"")
_NULL = b"null"

_T = TypeVar("_T")

ShortText = Annotated[str, msgspec.Meta(max_length=SHORT_TEXT)]


class _Wire(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """An event as most senders write it: decoded in one pass, its JSON fields left as they are."""

    message: Annotated[str, msgspec.Meta(min_length=1)]
    level: str | int = 20
    occurred_at: datetime | None = None
    stack: msgspec.Raw = _ABSENT
    tags: msgspec.Raw = _ABSENT
    event_id: UUID | None = None
    environment: ShortText | None = None
    release: ShortText | None = None
    server_name: ShortText | None = None
    logger: ShortText | None = None
    trace_id: ShortText | None = None
    user: msgspec.Raw = _ABSENT


def parse(body: bytes, content_type: str, limits: Limits) -> Batch:
    """Read a body. Raises Refusal where nothing in it can be stored, with the reason."""
    found = _reader.read(body, content_type, limits)
    return Batch(found.records, found.positions, found.rejected, found.single)


def answer(batch: Batch, outcome: Outcome) -> tuple[int, bytes]:
    """The status and JSON body that tell the sender what became of a batch."""
    return answered(
        batch.single, outcome.accepted, outcome.duplicates, outcome.rejected, event_json
    )


def answered(
    single: bool,
    accepted: Sequence[_T],
    duplicates: Sequence[_T],
    rejected: Sequence[Rejection],
    shown: Callable[[_T], bytes],
) -> tuple[int, bytes]:
    """The answer of our own protocols: an item by itself is shown, several are counted."""
    stored = [*accepted, *duplicates]
    if single:
        return (400, refusal_json(rejected[0].errors)) if rejected else (201, shown(stored[0]))
    counts = {"accepted": len(accepted), "duplicates": len(duplicates), "rejected": rejected}
    return 201 if stored else 400, msgspec.json.encode(counts)


def refusal_json(errors: Mapping[str, Sequence[str]]) -> bytes:
    """Why nothing was stored, in the one shape of the REST API's errors."""
    return msgspec.json.encode({"errors": errors})


def event_json(event: records.StoredEvent) -> bytes:
    """A stored event as the REST API shows it."""
    record = event.record
    return msgspec.json.encode(
        {
            "id": event.id,
            "application_id": event.application_id,
            "received_at": event.received_at,
            "occurred_at": record.occurred_at or event.received_at,
            "level": records.LEVEL_NAMES[record.level],
            "message": record.message,
            "stack": _raw(record.stack),
            "tags": _raw(record.tags),
            "event_id": record.event_id,
            "environment": record.environment,
            "release": record.release,
            "server_name": record.server_name,
            "logger": record.logger,
            "trace_id": record.trace_id,
            "user": _raw(record.user),
            "data": _raw(record.data),
        }
    )


def _raw(text: Json | None) -> msgspec.Raw | None:
    return None if text is None else msgspec.Raw(text)


def _plain_record(wire: _Wire, clean: bool) -> EventRecord:
    """The record of a decoded event. `clean`: no escape in it, so no unstorable character."""
    level = records.level_number(wire.level)
    tags = bytes(wire.tags)
    if level is None or not clean or (tags and tags[:1] != b"{" and tags != _NULL):
        raise NotPlain
    return EventRecord(
        message=wire.message,
        level=level,
        occurred_at=None if wire.occurred_at is None else json_items.utc(wire.occurred_at),
        stack=_plain_json(wire.stack),
        tags=_plain_json(wire.tags) or records.NO_TAGS,
        event_id=wire.event_id,
        environment=wire.environment or None,
        release=wire.release or None,
        server_name=wire.server_name or None,
        logger=wire.logger or None,
        trace_id=wire.trace_id or None,
        user=_plain_json(wire.user),
    )


def _plain_json(raw: msgspec.Raw) -> Json | None:
    text = bytes(raw)
    return None if not text or text == _NULL else Json(text)


def _careful_record(value: dict[str, Any]) -> EventRecord | Errors:
    """The record of an event's JSON object, or what is wrong with it by field."""
    fields, errors = json_items.fields_or_errors(value, _FIELDS, ["message"])
    if errors:
        return errors
    rest = {name: given for name, given in value.items() if name not in _FIELDS}
    return EventRecord(**fields, data=records.json_of(rest) if rest else None)


def _message(given: Any) -> str:
    if not isinstance(given, str):
        raise ValueError("Use a string.")
    if not given:
        raise ValueError("This field may not be empty.")
    return records.storable(given)


def _level(given: Any) -> int:
    number = None
    if isinstance(given, str | int) and not isinstance(given, bool):
        number = records.level_number(given)
    if number is None:
        raise ValueError(f"Use one of {', '.join(records.LEVELS)}.")
    return number


def _tags(given: Any) -> Json:
    if not isinstance(given, dict):
        raise ValueError('Use an object of names and values, such as {"service": "checkout"}.')
    return records.json_of(given)


_FIELDS: json_items.Fields = {
    "message": _message,
    "level": _level,
    "occurred_at": json_items.careful_moment,
    "stack": records.json_of,
    "tags": _tags,
    "event_id": json_items.careful_uuid,
    "environment": json_items.careful_short_text,
    "release": json_items.careful_short_text,
    "server_name": json_items.careful_short_text,
    "logger": json_items.careful_short_text,
    "trace_id": json_items.careful_short_text,
    "user": records.json_of,
}

_reader = ItemReader("event", _Wire, _plain_record, _careful_record)
