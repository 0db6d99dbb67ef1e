"""Query parameters of the traffic's statistics and of the list of requests."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import validate_ipv46_address

from events.parameters import MomentField, RangeForm, Words
from events.records import EPOCH
from stats.cover import FAR
from stats.parameters import DEFAULT_RANGE, IntervalField, ZoneField
from stats.traffic.criteria import Criteria
from stats.traffic.dimensions import Dimension
from stats.traffic.rankings import sorts
from stats.traffic.series import DEFAULT, MEASURES, USERS, is_measure
from traffic.user_agents import agent

_STATUS = re.compile(r"[1-9]xx|[0-9]{1,3}")
TEXTS = (
    "method", "route", "path", "hostname", "version", "framework", "release", "environment",
    "referrer", "country", "client", "system", "device", "user", "trace_id",
)  # fmt: skip
NOT = "not_"
MOST_ITEMS, DEFAULT_ITEMS = 500, 50
# By the name under which a breakdown is asked for; status is counted with the routes.
STATUS = "status"
BREAKDOWNS = {
    "country": Dimension.COUNTRY,
    "client": Dimension.CLIENT,
    "os": Dimension.SYSTEM,
    "device": Dimension.DEVICE,
    "hostname": Dimension.HOSTNAME,
    STATUS: None,
    "version": Dimension.VERSION,
    "referrer": Dimension.REFERRER,
    "user": Dimension.USER,
    "release": Dimension.RELEASE,
    "environment": Dimension.ENVIRONMENT,
    "framework": Dimension.FRAMEWORK,
}


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


class _CriteriaForm(RangeForm):
    """What requests are chosen by, by default all; `not_…` leaves out what has such a value."""

    since = MomentField(required=False)
    until = MomentField(required=False)
    q = forms.CharField(required=False, strip=False)
    min_duration_ms = forms.FloatField(required=False, min_value=0)
    max_duration_ms = forms.FloatField(required=False, min_value=0)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, field in VALUE_FIELDS.items():
            self.fields[name] = field(required=False)
            self.fields[NOT + name] = field(required=False)

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


class RequestsForm(_CriteriaForm):
    """Requests, and the one after which a page begins."""

    cursor = forms.UUIDField(required=False)


class TrafficForm(_CriteriaForm):
    """Requests of a range, by default the last 24 hours."""

    def clean_until(self) -> datetime:
        return self.cleaned_data["until"] or datetime.now(UTC)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            cleaned["since"] = cleaned["since"] or cleaned["until"] - DEFAULT_RANGE
        return cleaned


class MeasuresField(ValuesField):
    """Measures by name, repeated or separated by commas."""

    def to_python(self, value: Any) -> list[str]:
        names = [name.strip() for word in super().to_python(value) for name in word.split(",")]
        for name in names:
            if not is_measure(name):
                choices = ", ".join((*MEASURES, USERS))
                raise forms.ValidationError(
                    f"{name!r} is no measure; use {choices}, or a percentile such as p99."
                )
        return names or list(DEFAULT)


class TrafficSeriesForm(TrafficForm):
    interval = IntervalField(required=False)
    tz = ZoneField(required=False)
    fill = forms.BooleanField(required=False)
    measure = MeasuresField(required=False)


class _PagedForm(TrafficForm):
    limit = forms.IntegerField(required=False, min_value=1, max_value=MOST_ITEMS)
    offset = forms.IntegerField(required=False, min_value=0)

    def clean_limit(self) -> int:
        return self.cleaned_data["limit"] or DEFAULT_ITEMS

    def clean_offset(self) -> int:
        return self.cleaned_data["offset"] or 0


class RoutesForm(_PagedForm):
    sort = forms.ChoiceField(
        required=False,
        choices=[(name, name) for name in sorts()],
        error_messages={"invalid_choice": f"Use one of {', '.join(sorts())}."},
    )
    search = forms.CharField(required=False)

    def clean_sort(self) -> str:
        return self.cleaned_data["sort"] or "-requests"


class BreakdownForm(_PagedForm):
    by = forms.ChoiceField(
        choices=[(name, name) for name in BREAKDOWNS],
        error_messages={
            "required": f"Use one of {', '.join(BREAKDOWNS)}.",
            "invalid_choice": f"Use one of {', '.join(BREAKDOWNS)}.",
        },
    )


class DeletionForm(forms.Form):
    """Which requests are to go; not to say so is no way to delete them all."""

    before = MomentField(required=False)
    user = forms.CharField(required=False)
    ip_address = forms.GenericIPAddressField(required=False)
    all = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(asked.values()):
            self.add_error("all", "Give before, user or ip_address, or all=true.")
        return asked


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
