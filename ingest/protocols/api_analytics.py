"""What API Analytics' middlewares send: POST /api/log-request, its payload since version 1.1.

https://github.com/tom-draper/api-analytics (MIT), read and run at eae354e0. The clients never send
again, so that a row is refused only where nothing can be made of it, and costs no other row.
"""

import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from events import records
from ingest.protocols.addresses import address
from ingest.protocols.json_items import utf8
from ingest.records import Batch, Rejection
from ingest.refusals import Refusal
from traffic.records import Address, RequestRecord

# The reference server's numbers for methods, which its first clients sent.
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "HEAD", "TRACE")
STORED = "API requests logged successfully."
LONGEST_MS = 2**31
# A naive time is the sender's local one; its zone is found by quarters of an hour.
_QUARTER = timedelta(minutes=15)
_NEAR = timedelta(minutes=2)
_ZONES = (timedelta(hours=-12), timedelta(hours=14))


class _Row(msgspec.Struct, gc=False):
    """A request, in whatever types it comes."""

    method: Any = None
    path: Any = None
    status: Any = None
    response_time: Any = None
    hostname: Any = None
    ip_address: Any = None
    user_agent: Any = None
    user_id: Any = None
    referrer: Any = None
    created_at: Any = None
    location: Any = None  # of what is imported, as the next
    request_id: Any = None


class _Body(msgspec.Struct, kw_only=True):
    api_key: Any = None
    framework: Any = None
    privacy_level: Any = None
    requests: Any = None


class _PlainBody(_Body, kw_only=True):
    requests: list[_Row]


class Post(msgspec.Struct, frozen=True):
    """A body: the key in it, as it was sent, and its requests."""

    api_key: str
    batch: Batch


_decode = msgspec.json.Decoder(_PlainBody).decode


def parse(body: bytes, now: datetime) -> Post:
    """Read a body that was received `now`. Raises Refusal where nothing in it can be stored."""
    content = utf8(body)
    if not content:
        raise Refusal("Invalid request data: the body is empty.")
    try:
        found: _Body = _decode(content)
    except (msgspec.MsgspecError, RecursionError):
        found = _carefully(content)
    key = found.api_key.replace('"', "").strip() if isinstance(found.api_key, str) else ""
    if not key:
        raise Refusal("API key required.")
    if not found.requests:
        raise Refusal("Payload contains no logged requests.")
    return Post(key, _batch(found, clean=b"\\u" not in content, now=now))


def imported(rows: Sequence[dict[str, Any]], framework: str | None, now: datetime) -> Batch:
    """Rows as the reference server's Data API and tables have them."""
    body = _Body(framework=framework, requests=[_row(row) for row in rows])
    return _batch(body, clean=False, now=now)


def _carefully(content: bytes) -> _Body:
    """The body where a row of it is no object, or a text in it no text to msgspec."""
    try:
        value = json.loads(content)
    except RecursionError:
        raise Refusal("Invalid request data: it is nested too deeply.") from None
    except ValueError as error:
        raise Refusal(f"Invalid request data: {error}.") from None
    if not isinstance(value, dict):
        raise Refusal("Invalid request data: send a JSON object.")
    found = _Body(**{name: value.get(name) for name in _Body.__struct_fields__})
    if found.requests is not None and not isinstance(found.requests, list):
        raise Refusal("Invalid request data: `requests` is no list.")
    found.requests = [_row(item) for item in found.requests or ()]
    return found


def _row(item: Any) -> _Row | None:
    if not isinstance(item, dict):
        return None
    return _Row(**{name: item.get(name) for name in _Row.__struct_fields__})


def _batch(body: _Body, *, clean: bool, now: datetime) -> Batch:
    rows: Sequence[_Row | None] = body.requests
    framework = _text(body.framework, clean)
    privacy_level = _privacy_level(body.privacy_level)
    times = [None if row is None else _moment(row.created_at) for row in rows]
    offset = _offset([time for time in times if time and time.tzinfo is None], now)
    found, positions, rejected = [], [], []
    for index, (row, time) in enumerate(zip(rows, times, strict=True)):
        method = None if row is None else _method(row.method)
        if row is None or method is None:
            reason = {"request": ["It is not an object."]} if row is None else _NO_METHOD
            rejected.append(Rejection(index, reason))
            continue
        found.append(
            RequestRecord(
                method=method,
                path=_text(row.path, clean) or "/",
                status=_status(row.status),
                duration_ms=_duration(row.response_time),
                occurred_at=_utc(time, offset),
                hostname=_text(row.hostname, clean),
                ip_address=_address(row.ip_address),
                user_agent=_text(row.user_agent, clean),
                user_id=_text(row.user_id, clean),
                framework=framework,
                referrer=_text(row.referrer, clean),
                country=_country(row.location),
                request_id=row.request_id if isinstance(row.request_id, UUID) else None,
                privacy_level=privacy_level,
            )
        )
        positions.append(index)
    return Batch(rejected=rejected, requests=found, request_positions=positions)


_NO_METHOD = {"method": ["Send a method such as GET."]}


def _method(given: Any) -> str | None:
    if isinstance(given, str) and given.strip():
        return records.storable(given.strip().upper())
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < len(METHODS):
        return METHODS[given]
    return None


def _text(given: Any, clean: bool) -> str | None:
    """Text, or what is written as one; None for nothing, and for what is neither."""
    if isinstance(given, str):
        return (given if clean else records.storable(given)) or None
    if isinstance(given, int | float) and not isinstance(given, bool):
        return str(given)
    return None


def _number(given: Any) -> float:
    """A number, also one in a text; 0 for what is none, or is endless."""
    try:
        number = float(given) if isinstance(given, int | float | str) else 0.0
    except (ValueError, OverflowError):
        return 0.0
    return number if math.isfinite(number) else 0.0


def _status(given: Any) -> int:
    number = int(_number(given))
    return number if 0 <= number <= 999 else 0


def _duration(given: Any) -> float:
    return min(max(_number(given), 0.0), LONGEST_MS)


def _address(given: Any) -> Address | None:
    return address(given) if isinstance(given, str) and given else None


def _country(given: Any) -> str | None:
    is_code = isinstance(given, str) and len(given) == 2 and given.isascii() and given.isalpha()
    return given.upper() if is_code else None


def _privacy_level(given: Any) -> int:
    """0 where none is sent; the strictest for what can't be read."""
    if given is None or given == "":
        return 0
    if isinstance(given, str) and given.strip().isdigit():
        given = int(given)
    return min(max(given, 0), 2) if type(given) is int else 2


def _moment(given: Any) -> datetime | None:
    if isinstance(given, datetime):
        return given
    if not isinstance(given, str):
        return None
    try:
        return datetime.fromisoformat(given.strip())
    except ValueError:
        return None


def _offset(naive: Sequence[datetime], now: datetime) -> timedelta:
    """How far the sender's local time is ahead of UTC.

    Clients with naive times post when the last request of the batch has just been answered, so
    that it was received now. Where nothing fits, its time is taken for UTC.
    """
    if not naive:
        return timedelta()
    ahead = max(naive) - now.replace(tzinfo=None)
    offset = round(ahead / _QUARTER) * _QUARTER
    fits = abs(ahead - offset) <= _NEAR and _ZONES[0] <= offset <= _ZONES[1]
    return offset if fits else timedelta()


def _utc(time: datetime | None, offset: timedelta) -> datetime | None:
    if time is None:
        return None
    try:
        return (time - offset).replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError:
        return None


# --- Answers --------------------------------------------------------------------------------


def stored(accepted: int, rejected: Sequence[Rejection]) -> tuple[int, bytes]:
    """The status and body that tell the sender what became of its requests."""
    if not rejected:
        return 201, msgspec.json.encode({"message": STORED, "status": 201})
    status = 201 if accepted else 400
    told = {
        "message": f"{accepted:,} of {accepted + len(rejected):,} API requests logged.",
        "status": status,
        "accepted": accepted,
        "rejected": rejected,
    }
    return status, msgspec.json.encode(told)


def refusal(status: int, message: str) -> bytes:
    """Why nothing was stored, in the reference server's shape."""
    return msgspec.json.encode({"message": message, "status": status})
