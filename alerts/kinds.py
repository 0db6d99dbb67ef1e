"""Kinds of rules and channels, and their records as they are stored: JSON of a kind's fields."""

from typing import Any

import msgspec

from alerts import records

_CONDITIONS: dict[str, tuple[type[Any], str]] = {
    "new_message": (records.NewMessage, "A new message"),
    "returned_message": (records.ReturnedMessage, "A message that returns"),
    "many_events": (records.ManyEvents, "Many events"),
    "no_event": (records.NoEvent, "No event"),
    "error_rate": (records.ErrorRate, "Error rate"),
    "slow_requests": (records.SlowRequests, "Slow requests"),
    "monitor_down": (records.MonitorDown, "A monitor is down"),
    "certificate_ends": (records.CertificateEnds, "A certificate ends"),
}
_ADDRESSES: dict[str, tuple[type[Any], str]] = {
    "email": (records.Email, "E-mail"),
    "webhook": (records.Webhook, "Webhook"),
    "apprise": (records.Apprise, "Slack, Teams, Discord, Telegram, ntfy and others"),
}


def condition_choices() -> list[tuple[str, str]]:
    return [(kind, words) for kind, (_, words) in _CONDITIONS.items()]


def channel_choices() -> list[tuple[str, str]]:
    return [(kind, words) for kind, (_, words) in _ADDRESSES.items()]


def condition(kind: str, fields: Any) -> records.Condition:
    """The condition of this JSON. Raises ValueError that says what is wrong."""
    found: records.Condition = _read(_CONDITIONS, kind, fields)
    return found


def address(kind: str, fields: Any) -> records.Address:
    """The address of this JSON. Raises ValueError that says what is wrong."""
    found: records.Address = _read(_ADDRESSES, kind, fields)
    return found


def stored(record: records.Condition | records.Address) -> tuple[str, dict[str, Any]]:
    """A record's kind and its JSON."""
    known = _CONDITIONS | _ADDRESSES
    (kind,) = [kind for kind, (cls, _) in known.items() if isinstance(record, cls)]
    # As JSON it has lists: equal to what comes back from the database.
    fields: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(record))
    return kind, fields


def _read(known: dict[str, tuple[type[Any], str]], kind: str, fields: Any) -> Any:
    try:
        return msgspec.convert(fields, known[kind][0])
    except KeyError as error:
        raise ValueError(f"{kind} is none of {', '.join(known)}.") from error
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
