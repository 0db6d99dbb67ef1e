"""Columns as PostgreSQL's arrays in binary, which `unnest` takes: psycopg's own lists, for what is
written all day, in a third of the time.

The formats: https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-FORMAT-CODES,
and the functions `array_recv`, `timestamptz_recv` and their like in PostgreSQL's source.
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from ipaddress import IPv4Address, IPv6Address
from uuid import UUID

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()
_DAY = 86_400  # seconds
_NULL = b"\xff\xff\xff\xff"
_length = struct.Struct("!i").pack
# One dimension, whether there may be nulls, the type of the items, how many, and the first's index.
_head = struct.Struct("!iiIii").pack

Encoder = Callable[[Sequence[bytes | None]], bytes]


def _fixed(oid: int, size: int) -> Encoder:
    prefix = _length(size)

    def encoded(items: Sequence[bytes | None]) -> bytes:
        parts = [_NULL if item is None else prefix + item for item in items]
        return _head(1, 1, oid, len(parts), 1) + b"".join(parts)

    return encoded


def _varying(oid: int, prefix: bytes = b"") -> Encoder:
    before = len(prefix)

    def encoded(items: Sequence[bytes | None]) -> bytes:
        parts = [
            _NULL if item is None else _length(before + len(item)) + prefix + item for item in items
        ]
        return _head(1, 1, oid, len(parts), 1) + b"".join(parts)

    return encoded


# Items as their bytes; None is null.
uuids = _fixed(2950, 16)
byteas = _varying(17)
jsonbs = _varying(3802, b"\x01")  # the format's version, then the JSON text
numerics = _varying(1700)
_inets = _varying(869)
_texts = _varying(25)


def uuid_objects(items: Iterable[UUID | None]) -> bytes:
    return uuids([None if item is None else item.bytes for item in items])


def inets(items: Iterable[IPv4Address | IPv6Address | None]) -> bytes:
    return _inets([None if item is None else _inet(item) for item in items])


def _inet(item: IPv4Address | IPv6Address) -> bytes:
    family = 2 if item.version == 4 else 3
    packed = item.packed
    return bytes((family, item.max_prefixlen, 0, len(packed))) + packed


def texts(items: Iterable[str | None]) -> bytes:
    """Raises UnicodeEncodeError for a lone surrogate."""
    return _texts([None if item is None else item.encode() for item in items])


def _numbers(oid: int, size: int, code: str) -> Callable[[Iterable[float]], bytes]:
    def encoded(items: Iterable[float]) -> bytes:
        pairs = [part for item in items for part in (size, item)]
        count = len(pairs) // 2
        return _head(1, 0, oid, count, 1) + struct.pack(f"!{f'i{code}' * count}", *pairs)

    return encoded


# Raise struct.error for a number that the type can't hold.
bigints = _numbers(20, 8, "q")
smallints = _numbers(21, 2, "h")
_nullable_bigints = _fixed(20, 8)
_bigint = struct.Struct("!q").pack
reals = _numbers(700, 4, "f")
_timestamps = _numbers(1184, 8, "q")
_dates = _numbers(1082, 4, "i")


def nullable_bigints(items: Iterable[int | None]) -> bytes:
    return _nullable_bigints([None if item is None else _bigint(item) for item in items])


def timestamps(items: Iterable[datetime]) -> bytes:
    """Of aware moments; those that repeat the one before cost nothing."""
    microseconds, last, number = [], None, 0
    for item in items:
        if item is not last:
            last, since = item, item - _EPOCH
            number = (since.days * _DAY + since.seconds) * 1_000_000 + since.microseconds
        microseconds.append(number)
    return _timestamps(microseconds)


def dates(items: Iterable[date]) -> bytes:
    return _dates(item.toordinal() - _EPOCH_DAY for item in items)
