"""What an event's page tells beside its stack: fields, tags, user and data. Pure, and bounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from dashboard.list_addresses import ListAddresses
from dashboard.page_room import Room, beginning, page_bytes
from events.display import hidden_escaped
from events.models import Event
from events.raw import compact_json, pretty_json

_FACTS_BYTES = 24_000
_JSON_BYTES = 12_000
_FACT_BYTES = 160  # of the markup around what a sender wrote
_MOST_FACTS = 100
_LONGEST_NAME = 100
_LONGEST_VALUE = 200  # beside the stack; below it there is more room
_LONGEST_DATA = 1_000
_LONGEST_FILTER = 200  # a longer value makes no good address


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and a value; `address` lists the events that share it."""

    name: str
    value: str
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a sender told as an object; as JSON where it is not flat."""

    facts: Sequence[Fact] = ()
    left_out: int = 0
    json: str = ""
    json_is_cut: bool = False


def fields(event: Event, addresses: ListAddresses) -> list[Fact]:
    """What events have columns for, and are told apart by."""
    filters = {
        "level": event.level_name,
        "environment": event.environment,
        "release": event.release,
        "logger": event.logger,
    }
    others = {
        "Server": event.server_name,
        "Trace": event.trace_id,
        "Event": str(event.id),
        "Sender’s id": str(event.event_id or ""),
    }
    told = [
        (name.capitalize(), value, addresses.by(**{name: value})) for name, value in filters.items()
    ]
    told += [(name, value, "") for name, value in others.items()]
    room = Room(_FACTS_BYTES)
    return [_fact(room, name, value, address) for name, value, address in told if value]


def tags(event: Event, addresses: ListAddresses) -> Facts | None:
    """The tags by name, each with what lists the events that have it too."""
    if not isinstance(event.tags, dict) or not event.tags:
        return flat(event.tags, "tags")
    room, facts = Room(_FACTS_BYTES), []
    for name, value in sorted(event.tags.items())[:_MOST_FACTS]:
        text = _text(value)
        address = addresses.by(tag=f"{name}:{text}") if _is_filter(name, value) else ""
        if not room.spend(_FACT_BYTES + page_bytes(address)):
            break
        facts.append(_fact(room, name, text, address))
    return Facts(facts=facts, left_out=len(event.tags) - len(facts))


def flat(value: Any, name: str, longest: int = _LONGEST_VALUE) -> Facts | None:
    """An object of single values as facts, anything else as JSON; None where there is nothing.

    `name` is that of a value that stands alone.
    """
    if value is None or value in ("", [], {}):
        return None
    if _is_single(value) and len(_text(value)) < _LONGEST_DATA:
        value = {name: value}
    if not isinstance(value, dict) or not all(map(_is_single, value.values())):
        return _as_json(value)
    room = Room(_FACTS_BYTES // 2)
    facts = [
        Fact(room.text(key, _LONGEST_NAME), room.text(_text(item), longest))
        for key, item in islice(value.items(), _MOST_FACTS)
        if room.spend(_FACT_BYTES)
    ]
    return Facts(facts=facts, left_out=len(value) - len(facts))


def data(event: Event) -> Facts | None:
    """What the event's protocol brought beside the fields."""
    return flat(event.data, "data", _LONGEST_DATA)


def _as_json(value: Any) -> Facts:
    # What is nested too deeply to be read is text already.
    text = value if isinstance(value, str) else pretty_json(value, _JSON_BYTES + 1)[0]
    shown, is_cut = beginning(hidden_escaped(text[: _JSON_BYTES + 1]), _JSON_BYTES)
    return Facts(json=shown, json_is_cut=is_cut)


def _fact(room: Room, name: str, value: str, address: str = "") -> Fact:
    return Fact(room.text(name, _LONGEST_NAME), room.text(value, _LONGEST_VALUE), address)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else compact_json(value, _LONGEST_DATA)


def _is_single(value: Any) -> bool:
    return not isinstance(value, dict | list)


def _is_filter(name: str, value: Any) -> bool:
    """Whether the list can be asked for it: by `name:value`, as the value is written."""
    if isinstance(value, float):  # 1e-7 is stored as 0.0000001
        return "e" not in repr(value)
    return (
        isinstance(value, str | int)
        and name != ""
        and ":" not in name
        and len(name) + len(_text(value)) <= _LONGEST_FILTER
    )
