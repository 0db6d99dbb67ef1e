"""Query parameters of the traffic's statistics and of the list of requests."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import validate_ipv46_address

from events.parameters import MomentField, RangeForm, Words
from events.records import EPOCH
from stats.cover import FAR
from stats.traffic.criteria import Criteria
from traffic.user_agents import agent

_STATUS = re.compile(r"[1-9]xx|[0-9]{1,3}")
TEXTS = (
    "method", "route", "path", "hostname", "version", "framework", "release", "environment",
    "referrer", "country", "client", "system", "device", "user", "trace_id",
)  # fmt: skip
NOT = "not_"


class ValuesField(forms.Field):
    """A parameter that may be repeated: any of its values."""

    widget = Words

    def to_python(self, value: Any) -> list[Any]:
        if any("\0" in word for word in value or []):
            raise forms.ValidationError("Null characters are not allowed.")  # as Django says it
        return [self.read(word) for word in value or []]

    def read(self, word: str) -> Any:
        return word


class MethodsField(ValuesField):
    def read(self, word: str) -> str:
        return word.upper()


class StatusesField(ValuesField):
    """Statuses such as 404, and classes such as 4xx."""

    def read(self, word: str) -> int:
        if not _STATUS.fullmatch(word.lower()):
            raise forms.ValidationError(f"{word!r} is no status; use one such as 404 or 4xx.")
        return int(word[0]) if word.lower().endswith("xx") else int(word)


class AddressesField(ValuesField):
    def read(self, word: str) -> str:
        validate_ipv46_address(word)
        return word


class UuidsField(ValuesField):
    def read(self, word: str) -> UUID:
        try:
            return UUID(word)
        except ValueError:
            raise forms.ValidationError(f"{word!r} is no UUID.") from None


class AgentsField(ValuesField):
    """User agents, by their whole text."""

    def read(self, word: str) -> int | None:
        return agent(word).number


class RequestsForm(RangeForm):
    """What requests are chosen by, by default all; `not_…` leaves out what has such a value."""

    since = MomentField(required=False)
    until = MomentField(required=False)
    q = forms.CharField(required=False, strip=False)
    min_duration_ms = forms.FloatField(required=False, min_value=0)
    max_duration_ms = forms.FloatField(required=False, min_value=0)
    cursor = forms.UUIDField(required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, field in _value_fields():
            self.fields[name] = field(required=False)

    def criteria(self) -> Criteria:
        asked = self.cleaned_data
        return Criteria(
            since=asked["since"] or EPOCH,
            until=asked["until"] or FAR,
            included=self._values(""),
            excluded=self._values(NOT),
            text=asked["q"],
            least_ms=asked["min_duration_ms"],
            most_ms=asked["max_duration_ms"],
        )

    def _values(self, prefix: str) -> dict[str, Sequence[Any]]:
        return {
            _COLUMNS.get(name, name): values
            for name in VALUE_FIELDS
            if (values := self.cleaned_data[prefix + name])
        }


VALUE_FIELDS: dict[str, type[ValuesField]] = {
    **dict.fromkeys(TEXTS, ValuesField),
    "method": MethodsField,
    "status": StatusesField,
    "ip_address": AddressesField,
    "event_id": UuidsField,
    "request_id": UuidsField,
    "user_agent": AgentsField,
}
_COLUMNS = {"user_agent": "agent"}


def _value_fields() -> list[tuple[str, type[ValuesField]]]:
    return [(prefix + name, field) for prefix in ("", NOT) for name, field in VALUE_FIELDS.items()]
