"""What an event is, whatever protocol brought it. No Django, no I/O."""

import json
import math
import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import chain, groupby, repeat
from typing import Any, NewType
from uuid import UUID

import msgspec

# The text of one JSON value that PostgreSQL's jsonb accepts. Protocols pass the sender's own bytes
# on where they can: most of an event's cost is in not taking its stack apart.
Json = NewType("Json", bytes)

LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}
LEVEL_NAMES = {number: name for name, number in LEVELS.items()}
# Other protocols' names, mapped at the door.
LEVEL_ALIASES = {
    "TRACE": 10, "FINE": 10, "VERBOSE": 10, "LOG": 20, "NOTICE": 20, "INFORMATION": 20,
    "INFORMATIONAL": 20, "WARN": 30, "ERR": 40, "SEVERE": 40, "EXCEPTION": 40, "FATAL": 50,
    "ALERT": 50, "EMERG": 50, "EMERGENCY": 50, "PANIC": 50, "CRIT": 50,
}  # fmt: skip
_LEVEL_BY_NAME = {
    spelling: number
    for name, number in (LEVELS | LEVEL_ALIASES).items()
    for spelling in (name, name.lower(), name.capitalize())
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
NO_TAGS = Json(b"{}")
MOST_NESTED = 200
SHORT_TEXT = 200  # characters of environment, release and their like


class EventRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One event as its sender tells it. Text is free of NUL and lone surrogates."""

    message: str
    level: int = 20
    occurred_at: datetime | None = None  # aware; None: when it was received
    stack: Json | None = None
    tags: Json = NO_TAGS  # an object
    event_id: UUID | None = None  # the sender's own; makes resends harmless
    environment: str | None = None
    release: str | None = None
    server_name: str | None = None
    logger: str | None = None
    trace_id: str | None = None
    user: Json | None = None
    data: Json | None = None  # an object: what the protocol brought beside


class StoredEvent(msgspec.Struct, frozen=True, gc=False):
    """An event with the identity that storing gave it: the id's milliseconds are `received_at`."""

    application_id: int
    id: UUID
    received_at: datetime
    record: EventRecord


def level_number(level: str | int) -> int | None:
    """10 … 50 for a level's name or number, None for what is none; numbers between round down."""
    if isinstance(level, int):
        return min(level // 10 * 10, 50) if 10 <= level <= 100 else None
    return _LEVEL_BY_NAME.get(level) or _LEVEL_BY_NAME.get(level.strip().upper())


def uuid7s(milliseconds: int, count: int) -> list[UUID]:
    """UUIDv7s (RFC 9562) of one moment, in milliseconds since 1970, that sort in their order.

    Random once, then counted up (method 2 of the RFC's section 6.2), so that a batch keeps the
    order in which it was sent.
    """
    random = int.from_bytes(os.urandom(9), "big")
    first = (milliseconds & 0xFFFFFFFFFFFF) << 80 | 0x7000 << 64 | 0b10 << 62 | random >> 11
    return [UUID(int=first + n) for n in range(count)]


def identities(moments: Iterable[datetime]) -> Iterable[tuple[UUID, datetime]]:
    """UUIDv7s of aware moments, each with its moment to the millisecond.

    Those of one millisecond in a row keep their order.
    """
    runs = groupby((moment - EPOCH) // MILLISECOND for moment in moments)
    return chain.from_iterable(_run(at, sum(1 for _ in run)) for at, run in runs)


def identities_at(moment: datetime, count: int) -> Iterable[tuple[UUID, datetime]]:
    """As many of one moment."""
    return _run((moment - EPOCH) // MILLISECOND, count)


def _run(milliseconds: int, count: int) -> Iterable[tuple[UUID, datetime]]:
    moment = EPOCH + milliseconds * MILLISECOND
    return zip(uuid7s(milliseconds, count), repeat(moment))


def moment_of(identifier: UUID) -> datetime:
    """The moment in a UUIDv7. Raises OverflowError past the year 9999."""
    return EPOCH + timedelta(milliseconds=identifier.int >> 80)


def least_id(moment: datetime) -> UUID:
    """What sorts before all UUIDv7s of a moment."""
    return UUID(int=(moment - EPOCH) // MILLISECOND << 80)


def iso_utc(moment: datetime) -> str:
    """An aware moment as the REST API tells it: 2026-11-21T09:03:28.069000Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


# --- Text that PostgreSQL accepts ----------------------------------------------------------

_STRING_OR_NUMBER = re.compile(
    rb'"(?:[^"\\]|\\.)*"|0*([0-9]+)(?:\.[0-9]+)?(?:[eE]([+-]?[0-9]+))?', re.DOTALL
)
_MOST_DIGITS = 131_072  # before the point, of PostgreSQL's numeric
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text with NUL and lone surrogates, which PostgreSQL refuses, replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text) if _UNSTORABLE.search(text) else text


def overflows(record: EventRecord) -> bool:
    """Whether a number of the JSON that jsonb takes is past what PostgreSQL's numeric holds."""
    return any(map(_overflows, (record.tags, record.user)))


def _overflows(text: Json | None) -> bool:
    for number in _STRING_OR_NUMBER.finditer(text or b""):
        digits, exponent = number.groups()
        if digits is None:  # a string
            continue
        if len(exponent or b"") > 9:  # as a number it would take long to read
            return True
        if len(digits) + int(exponent or 0) > _MOST_DIGITS:
            return True
    return False


class JsonReader(json.JSONDecoder):
    """Reads stored JSON. What jsonb holds and Python's json can't write again stays text: numbers
    of thousands of digits or beyond a float, and values nested past MOST_NESTED levels.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(parse_int=_integer, parse_float=_real, **options)

    def decode(self, text: str, *_: Any) -> Any:
        may_be_deep = text.count("[") + text.count("{") > MOST_NESTED
        try:
            value = super().decode(text)
        except RecursionError:
            return text
        return text if may_be_deep and _too_deep(value) else value


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) < 1_000 else digits


def _real(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MOST_NESTED + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return True


def json_of(value: Any) -> Json:
    """A Python value as JSON text; whatever JSON can't hold becomes its `str`."""
    return Json(msgspec.json.encode(_storable_value(value), enc_hook=str))


def _storable_value(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(key)): _storable_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_storable_value(item) for item in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return msgspec.Raw(str(value).encode())  # msgspec encodes 64 bits; jsonb holds any
    return value
