"""Kinds of rules and channels, and their records as they are stored: JSON of a kind's fields."""

from typing import Any

from alerts import records
from loghandler.kinds import Kinds

_CONDITIONS: Kinds[records.Condition] = Kinds(
    {
        "new_message": (records.NewMessage, "A new message"),
        "returned_message": (records.ReturnedMessage, "A message that returns"),
        "many_events": (records.ManyEvents, "Many events"),
        "no_event": (records.NoEvent, "No event"),
        "error_rate": (records.ErrorRate, "Error rate"),
        "slow_requests": (records.SlowRequests, "Slow requests"),
        "monitor_down": (records.MonitorDown, "A monitor is down"),
        "certificate_ends": (records.CertificateEnds, "A certificate ends"),
    },
    unknown="none of",
)
_ADDRESSES: Kinds[records.Address] = Kinds(
    {
        "email": (records.Email, "E-mail"),
        "webhook": (records.Webhook, "Webhook"),
        "apprise": (records.Apprise, "Slack, Teams, Discord, Telegram, ntfy and others"),
    },
    unknown="none of",
)

# Migrations name these two.


def condition_choices() -> list[tuple[str, str]]:
    return list(_CONDITIONS.words().items())


def channel_choices() -> list[tuple[str, str]]:
    return list(_ADDRESSES.words().items())


condition, taken_condition = _CONDITIONS.read, _CONDITIONS.taken
address, taken_address = _ADDRESSES.read, _ADDRESSES.taken


def stored(record: records.Condition | records.Address) -> tuple[str, dict[str, Any]]:
    """A record's kind and its JSON."""
    if isinstance(record, records.Address):
        return _ADDRESSES.stored(record)
    return _CONDITIONS.stored(record)
