"""Log Handler's own event protocol: one event, a JSON array, or NDJSON (docs/send-events.md).

What can be decoded at once is; what can't is taken apart item by item and field by field, so that
each error is named and costs only its own item.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from events import records
from events.records import SHORT_TEXT, EventRecord, Json
from ingest.records import Batch, Outcome, Rejection
from ingest.refusals import Refusal, TooLarge, Unsupported

LINES_TYPES = {"application/x-ndjson", "application/ndjson", "application/jsonl",
               "application/x-jsonlines"}  # fmt: skip
# curl sends a form's type unless told otherwise; what such a body holds is seen when it is read.
JSON_TYPES = {"", "application/json", "text/json", "text/plain",
              "application/x-www-form-urlencoded", "application/octet-stream"}  # fmt: skip
_ABSENT = msgspec.Raw(b"")
_NULL = b"null"

ShortText = Annotated[str, msgspec.Meta(max_length=SHORT_TEXT)]
Errors = dict[str, list[str]]


class Limits(msgspec.Struct, frozen=True):
    """Bounds of one body: events, and bytes of one event's JSON."""

    events: int
    event_bytes: int


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


_decode_one = msgspec.json.Decoder(_Wire).decode
_decode_many = msgspec.json.Decoder(list[_Wire])
_split = msgspec.json.Decoder(list[msgspec.Raw]).decode
_scan = json.JSONDecoder(parse_int=str, parse_float=str, strict=False).raw_decode
_BETWEEN_ITEMS = re.compile(r"[\s,]*")


class _NotPlain(Exception):
    """The event can't take the short way."""


def parse(body: bytes, content_type: str, limits: Limits) -> Batch:
    """Read a body. Raises Refusal where nothing in it can be stored, with the reason."""
    lines = _media_type(content_type) in LINES_TYPES
    body = _utf8(body)
    if not body:
        raise Refusal("The body is empty; send an event as a JSON object.")
    if not lines and body[:1] != b"[":
        return _single_batch(body, limits)
    if _has_far_too_many(body, lines, limits):
        raise TooLarge(f"More than {limits.events:,} events in one body; send fewer at once.")
    plain = _plain_batch(body, lines, limits)
    return plain if plain is not None else _itemized_batch(body, lines, limits)


def _has_far_too_many(body: bytes, lines: bool, limits: Limits) -> bool:
    """Whether taking the body apart would fill the memory: each item costs 60 bytes and more."""
    if lines:
        return body.count(b"\n") > 2 * limits.events
    if body.count(b",") < 50 * limits.events:
        return False
    text, position = body.decode(), 1
    for _ in range(limits.events + 1):
        position = _BETWEEN_ITEMS.match(text, position).end()  # type: ignore[union-attr]
        try:
            position = _scan(text, position)[1]
        except ValueError:  # the end, or what is refused below
            return False
        except RecursionError:
            raise Refusal("The body is nested too deeply.") from None
    return True


def _single_batch(body: bytes, limits: Limits) -> Batch:
    if len(body) > limits.event_bytes:
        raise TooLarge(f"The event is larger than {limits.event_bytes:,} bytes.")
    record = _record_or_errors(body, limits)
    if isinstance(record, EventRecord):
        return Batch([record], [0], single=True)
    raise Refusal(record)


def answer(batch: Batch, outcome: Outcome) -> tuple[int, bytes]:
    """The status and JSON body that tell the sender what became of a batch."""
    stored = [*outcome.accepted, *outcome.duplicates]
    if batch.single:
        if outcome.rejected:
            return 400, refusal_json(outcome.rejected[0].errors)
        return 201, event_json(stored[0])
    counts = {
        "accepted": len(outcome.accepted),
        "duplicates": len(outcome.duplicates),
        "rejected": outcome.rejected,
    }
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


def _media_type(content_type: str) -> str:
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type in JSON_TYPES or media_type in LINES_TYPES or media_type.endswith("+json"):
        return media_type
    raise Unsupported(
        f"Content-Type {media_type!r} is not understood; use application/json or "
        "application/x-ndjson."
    )


def _utf8(body: bytes) -> bytes:
    """The body as valid UTF-8 without a byte order mark; a wrong byte is not worth an event."""
    body = body.removeprefix(b"\xef\xbb\xbf").strip()
    if body.isascii():
        return body
    try:
        body.decode()
    except UnicodeDecodeError:
        return body.decode(errors="replace").encode()
    return body


# --- The short way: all events at once -----------------------------------------------------


def _plain_batch(body: bytes, lines: bool, limits: Limits) -> Batch | None:
    """The batch where every event of it is plain, else None."""
    try:
        if len(body) > limits.event_bytes and _has_oversized(body, lines, limits):
            return None
        wires = _decode_many.decode_lines(body) if lines else _decode_many.decode(body)
        events = _plain_records(wires, body, limits)  # type: ignore[arg-type]
    except (msgspec.MsgspecError, RecursionError, _NotPlain):
        return None
    return Batch(events, range(len(events))) if events else None


def _has_oversized(body: bytes, lines: bool, limits: Limits) -> bool:
    items = body.split(b"\n") if lines else map(bytes, _split(body))
    return any(len(item) > limits.event_bytes for item in items)


def _plain_records(wires: Sequence[_Wire], body: bytes, limits: Limits) -> Sequence[EventRecord]:
    _check_count(len(wires), limits)
    clean = b"\\u" not in body
    return [_plain_record(wire, clean) for wire in wires]


def _plain_record(wire: _Wire, clean: bool) -> EventRecord:
    """The record of a decoded event. `clean`: no escape in it, so no unstorable character."""
    level = records.level_number(wire.level)
    tags = bytes(wire.tags)
    if level is None or not clean or (tags and tags[:1] != b"{" and tags != _NULL):
        raise _NotPlain
    return EventRecord(
        message=wire.message,
        level=level,
        occurred_at=None if wire.occurred_at is None else _utc(wire.occurred_at),
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


def _utc(moment: datetime) -> datetime:
    """The moment in UTC; one without a zone is taken for UTC. Raises _NotPlain out of range."""
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise _NotPlain from None


# --- The long way: item by item, field by field --------------------------------------------


def _itemized_batch(body: bytes, lines: bool, limits: Limits) -> Batch:
    items = _lines(body) if lines else _items(body)
    _check_count(len(items), limits)
    events, positions, rejected = [], [], []
    for index, item in enumerate(items):
        record = _record_or_errors(item, limits)
        if isinstance(record, EventRecord):
            events.append(record)
            positions.append(index)
        else:
            rejected.append(Rejection(index, record))
    return Batch(events, positions, rejected)


def _check_count(count: int, limits: Limits) -> None:
    if count > limits.events:
        raise TooLarge(f"{count:,} events in one body; send at most {limits.events:,} at once.")
    if not count:
        raise Refusal("There is no event in the body.")


def _lines(body: bytes) -> list[bytes]:
    return [line for line in map(bytes.strip, body.split(b"\n")) if line]


def _items(body: bytes) -> list[bytes]:
    """The items of an array, each still JSON."""
    try:
        return [bytes(item) for item in _split(body)]
    except (msgspec.MsgspecError, RecursionError):
        pass
    try:  # Python's parser takes what JSON's grammar allows but msgspec does not: lone surrogates
        return [records.json_of(item) for item in json.loads(body)]
    except RecursionError:
        raise Refusal("The body is nested too deeply.") from None
    except ValueError as error:
        raise Refusal(f"The body is not JSON: {error}.") from None


def _record_or_errors(item: bytes, limits: Limits) -> EventRecord | Errors:
    if len(item) > limits.event_bytes:
        return {"event": [f"It is larger than {limits.event_bytes:,} bytes."]}
    try:
        return _plain_record(_decode_one(item), b"\\u" not in item)
    except (msgspec.MsgspecError, RecursionError, _NotPlain):
        pass
    try:
        value = json.loads(item, parse_constant=_no_number)
    except RecursionError:
        return {"event": ["It is nested too deeply."]}
    except ValueError as error:
        return {"event": [f"It is not JSON: {error}."]}
    if not isinstance(value, dict):
        return {"event": ["It is not a JSON object."]}
    try:
        return _careful_record(value)
    except RecursionError:
        return {"event": ["It is nested too deeply."]}


def _no_number(name: str) -> None:
    """NaN and the infinities, which Python's json writes and JSON does not know, become null."""


def _careful_record(value: dict[str, Any]) -> EventRecord | Errors:
    """The record of an event's JSON object, or what is wrong with it by field."""
    errors: Errors = {}
    fields: dict[str, Any] = {}
    for name, read in _FIELDS.items():
        if (given := value.get(name)) is None:
            continue
        try:
            fields[name] = read(given)
        except (ValueError, OverflowError) as error:
            errors[name] = [str(error)]
    if value.get("message") is None:
        errors["message"] = ["This field is required."]
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


def _moment(given: Any) -> datetime:
    try:
        return _utc(datetime.fromisoformat(given))
    except (TypeError, ValueError, _NotPlain):
        raise ValueError("Use an ISO 8601 time such as 2026-11-21T08:00:00Z.") from None


def _tags(given: Any) -> Json:
    if not isinstance(given, dict):
        raise ValueError('Use an object of names and values, such as {"service": "checkout"}.')
    return records.json_of(given)


def _event_id(given: Any) -> UUID:
    try:
        return UUID(given)
    except (AttributeError, TypeError, ValueError):
        raise ValueError("Use a UUID.") from None


def _short_text(given: Any) -> str | None:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise ValueError("Use a string.")
    text = records.storable(str(given))
    if len(text) > SHORT_TEXT:
        raise ValueError(f"Use at most {SHORT_TEXT} characters.")
    return text or None


_FIELDS: Mapping[str, Callable[[Any], Any]] = {
    "message": _message,
    "level": _level,
    "occurred_at": _moment,
    "stack": records.json_of,
    "tags": _tags,
    "event_id": _event_id,
    "environment": _short_text,
    "release": _short_text,
    "server_name": _short_text,
    "logger": _short_text,
    "trace_id": _short_text,
    "user": records.json_of,
}
