"""Targets as they are stored: JSON of the fields that their kind has. No Django."""

import dataclasses
from typing import Any

import msgspec

from monitors.records import HeartbeatTarget, HttpTarget, Target, TcpTarget, TlsTarget

HEARTBEAT = "heartbeat"  # the one kind that is not asked, but calls

_KINDS: dict[str, tuple[type[Target], str]] = {
    "http": (HttpTarget, "HTTP(S) address"),
    "tcp": (TcpTarget, "TCP port"),
    "tls": (TlsTarget, "TLS certificate"),
    HEARTBEAT: (HeartbeatTarget, "Heartbeat of a job"),
}
KINDS = list(_KINDS)


def kinds() -> dict[str, str]:
    """Kind → what people call it."""
    return {kind: words for kind, (_, words) in _KINDS.items()}


def stored(target: Target) -> tuple[str, dict[str, Any]]:
    """A target's kind and its JSON, as the database gives it back: lists, where we have tuples."""
    (kind,) = [kind for kind, (record, _) in _KINDS.items() if isinstance(target, record)]
    fields: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(target))
    return kind, fields


def read(kind: str, fields: Any) -> Target:
    """The target of this JSON. Raises ValueError that says what is wrong."""
    try:
        target: Target = msgspec.convert(fields, _KINDS[kind][0])
    except KeyError as error:
        raise ValueError(f"{kind} is no kind of monitor: {', '.join(_KINDS)}.") from error
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
    return target


def fields(kind: str) -> list[str]:
    """The names of a kind's fields. Raises ValueError for what is none."""
    if kind not in _KINDS:
        raise ValueError(f"{kind} is no kind of monitor: {', '.join(_KINDS)}.")
    return [field.name for field in dataclasses.fields(_KINDS[kind][0])]


def parsed(kind: str, text: str) -> Target:
    """The target of this JSON text, as it was stored."""
    return read(kind, msgspec.json.decode(text))
