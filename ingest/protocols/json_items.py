"""JSON items in a body: one object, an array of them, or NDJSON.

What can be decoded at once is; what can't is taken apart item by item and field by field, so that
each error is named and costs only its own item.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

from events import records
from events.records import SHORT_TEXT
from ingest.records import Rejection
from ingest.refusals import Refusal, TooLarge, Unsupported

LINES_TYPES = {"application/x-ndjson", "application/ndjson", "application/jsonl",
               "application/x-jsonlines"}  # fmt: skip
# curl sends a form's type unless told otherwise; what such a body holds is seen when it is read.
JSON_TYPES = {"", "application/json", "text/json", "text/plain",
              "application/x-www-form-urlencoded", "application/octet-stream"}  # fmt: skip
_split = msgspec.json.Decoder(list[msgspec.Raw]).decode
_scan = json.JSONDecoder(parse_int=str, parse_float=str, strict=False).raw_decode
_BETWEEN_ITEMS = re.compile(r"[\s,]*")

Record = TypeVar("Record")
Errors = dict[str, list[str]]
Fields = Mapping[str, Callable[[Any], Any]]


class Limits(msgspec.Struct, frozen=True):
    """Bounds of one body: items, and bytes of one item's JSON."""

    items: int
    item_bytes: int


class NotPlain(Exception):
    """The item can't take the short way."""


class Items(msgspec.Struct, Generic[Record], frozen=True):
    """What was found in a body: `positions[n]` is where `records[n]` stood in it."""

    records: Sequence[Record]
    positions: Sequence[int]
    rejected: Sequence[Rejection] = ()
    single: bool = False


class ItemReader(Generic[Record]):
    """Reads items of one kind.

    `word` is what one is called; `wire` the struct that decodes a plain one, of which
    `plain(wire, clean)` makes a record or raises NotPlain; `careful(value)` makes one of any JSON
    object, or tells what is wrong with it by field. `clean`: no escape in it, so no unstorable
    character.
    """

    def __init__(
        self,
        word: str,
        wire: type[msgspec.Struct],
        plain: Callable[[Any, bool], Record],
        careful: Callable[[dict[str, Any]], Record | Errors],
    ) -> None:
        self._word = word
        self._decode_one = msgspec.json.Decoder(wire).decode
        self._decode_many: Any = msgspec.json.Decoder(list[wire])  # type: ignore[valid-type]
        self._plain = plain
        self._careful = careful

    def read(self, body: bytes, content_type: str, limits: Limits) -> Items[Record]:
        """Read a body. Raises Refusal where nothing in it can be stored, with the reason."""
        lines = media_type(content_type) in LINES_TYPES
        body = utf8(body)
        if not body:
            raise Refusal(f"The body is empty; send {_one(self._word)} as a JSON object.")
        if not lines and body[:1] != b"[":
            return self._single(body, limits)
        if _has_far_too_many(body, lines, limits):
            raise TooLarge(
                f"More than {limits.items:,} {self._word}s in one body; send fewer at once."
            )
        plain = self._plain_items(body, lines, limits)
        return plain if plain is not None else self._itemized(body, lines, limits)

    def _single(self, body: bytes, limits: Limits) -> Items[Record]:
        if len(body) > limits.item_bytes:
            raise TooLarge(f"The {self._word} is larger than {limits.item_bytes:,} bytes.")
        record = self._record_or_errors(body, limits)
        if isinstance(record, dict):
            raise Refusal(record)
        return Items([record], [0], single=True)

    # The short way: all items at once.

    def _plain_items(self, body: bytes, lines: bool, limits: Limits) -> Items[Record] | None:
        """The items where every one is plain, else None."""
        try:
            if len(body) > limits.item_bytes and _has_oversized(body, lines, limits):
                return None
            decode = self._decode_many.decode_lines if lines else self._decode_many.decode
            wires = decode(body)
            self._check_count(len(wires), limits)
            clean, plain = b"\\u" not in body, self._plain
            found = [plain(wire, clean) for wire in wires]
        except (msgspec.MsgspecError, RecursionError, NotPlain):
            return None
        return Items(found, range(len(found))) if found else None

    # The long way: item by item, field by field.

    def _itemized(self, body: bytes, lines: bool, limits: Limits) -> Items[Record]:
        items = _lines(body) if lines else _items(body)
        self._check_count(len(items), limits)
        found, positions, rejected = [], [], []
        for index, item in enumerate(items):
            record = self._record_or_errors(item, limits)
            if isinstance(record, dict):
                rejected.append(Rejection(index, record))
            else:
                found.append(record)
                positions.append(index)
        return Items(found, positions, rejected)

    def _check_count(self, count: int, limits: Limits) -> None:
        if count > limits.items:
            raise TooLarge(
                f"{count:,} {self._word}s in one body; send at most {limits.items:,} at once."
            )
        if not count:
            raise Refusal(f"There is no {self._word} in the body.")

    def _record_or_errors(self, item: bytes, limits: Limits) -> Record | Errors:
        if len(item) > limits.item_bytes:
            return {self._word: [f"It is larger than {limits.item_bytes:,} bytes."]}
        try:
            return self._plain(self._decode_one(item), b"\\u" not in item)
        except (msgspec.MsgspecError, RecursionError, NotPlain):
            pass
        try:
            value = json.loads(item, parse_constant=_no_number)
        except RecursionError:
            return {self._word: ["It is nested too deeply."]}
        except ValueError as error:
            return {self._word: [f"It is not JSON: {error}."]}
        if not isinstance(value, dict):
            return {self._word: ["It is not a JSON object."]}
        try:
            return self._careful(value)
        except RecursionError:
            return {self._word: ["It is nested too deeply."]}


def _one(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def media_type(content_type: str) -> str:
    """The media type of a Content-Type. Raises Unsupported."""
    found = content_type.partition(";")[0].strip().lower()
    if found in JSON_TYPES or found in LINES_TYPES or found.endswith("+json"):
        return found
    raise Unsupported(
        f"Content-Type {found!r} is not understood; use application/json or application/x-ndjson."
    )


def utf8(body: bytes) -> bytes:
    """The body as valid UTF-8 without a byte order mark; a wrong byte is not worth an item."""
    body = body.removeprefix(b"\xef\xbb\xbf").strip()
    if body.isascii():
        return body
    try:
        body.decode()
    except UnicodeDecodeError:
        return body.decode(errors="replace").encode()
    return body


def _has_far_too_many(body: bytes, lines: bool, limits: Limits) -> bool:
    """Whether taking the body apart would fill the memory: each item costs 60 bytes and more."""
    if lines:
        return body.count(b"\n") > 2 * limits.items
    if body.count(b",") < 50 * limits.items:
        return False
    text, position = body.decode(), 1
    for _ in range(limits.items + 1):
        position = _BETWEEN_ITEMS.match(text, position).end()  # type: ignore[union-attr]
        try:
            position = _scan(text, position)[1]
        except ValueError:  # the end, or what is refused below
            return False
        except RecursionError:
            raise Refusal("The body is nested too deeply.") from None
    return True


def _has_oversized(body: bytes, lines: bool, limits: Limits) -> bool:
    items = body.split(b"\n") if lines else map(bytes, _split(body))
    return any(len(item) > limits.item_bytes for item in items)


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


def _no_number(name: str) -> None:
    """NaN and the infinities, which Python's json writes and JSON does not know, become null."""


# --- Fields, carefully ----------------------------------------------------------------------


def fields_or_errors(
    value: Mapping[str, Any], fields: Fields, required: Sequence[str]
) -> tuple[dict[str, Any], Errors]:
    """The fields of a JSON object, read by `fields`, and what is wrong with them."""
    errors: Errors = {}
    found: dict[str, Any] = {}
    for name, read in fields.items():
        if (given := value.get(name)) is None:
            continue
        try:
            found[name] = read(given)
        except (ValueError, OverflowError) as error:
            errors[name] = [str(error)]
    for name in required:
        if value.get(name) is None:
            errors[name] = ["This field is required."]
    return found, errors


def utc(moment: datetime) -> datetime:
    """The moment in UTC; one without a zone is taken for UTC. Raises NotPlain out of range."""
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise NotPlain from None


def careful_moment(given: Any) -> datetime:
    try:
        return utc(datetime.fromisoformat(given))
    except (TypeError, ValueError, NotPlain):
        raise ValueError("Use an ISO 8601 time such as 2026-11-21T08:00:00Z.") from None


def careful_text(given: Any) -> str:
    """Raises ValueError for what is no text."""
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise ValueError("Use a string.")
    return records.storable(str(given))


def careful_short_text(given: Any) -> str | None:
    text = careful_text(given)
    if len(text) > SHORT_TEXT:
        raise ValueError(f"Use at most {SHORT_TEXT} characters.")
    return text or None


def careful_uuid(given: Any) -> UUID:
    try:
        return UUID(given)
    except (AttributeError, TypeError, ValueError):
        raise ValueError("Use a UUID.") from None
