"""Query parameters of API Analytics' Data API, by all the names that its documents give them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.core.validators import RegexValidator, validate_ipv46_address

from events.records import EPOCH
from stats.cover import DAY, FAR
from stats.traffic.criteria import Criteria

ALIASES = {
    "ip": "ipAddress",
    "ip_address": "ipAddress",
    "userId": "user_id",
    "userID": "user_id",
    "date_from": "dateFrom",
    "date_to": "dateTo",
}
_NO_DATE = "Use a date such as 2026-11-21."


class _DayField(forms.DateField):
    def __init__(self) -> None:
        super().__init__(
            required=False, input_formats=["%Y-%m-%d"], error_messages={"invalid": _NO_DATE}
        )


class DataForm(forms.Form):
    """What is read out; every day is one in UTC, and included."""

    page = forms.IntegerField(required=False, min_value=1)
    date = _DayField()
    dateFrom = _DayField()  # noqa: N815  theirs
    dateTo = _DayField()  # noqa: N815
    hostname = forms.CharField(required=False)
    ipAddress = forms.CharField(required=False, validators=[validate_ipv46_address])  # noqa: N815
    status = forms.IntegerField(required=False, min_value=0, max_value=999)
    location = forms.CharField(
        required=False, validators=[RegexValidator("^[A-Za-z]{2}$", "Use a code such as DE.")]
    )
    user_id = forms.CharField(required=False)
    compact = forms.ChoiceField(
        required=False,
        choices=[(value, value) for value in ("true", "false")],
        error_messages={"invalid_choice": "Use true or false."},
    )

    def __init__(self, given: Mapping[str, str]) -> None:
        super().__init__({ALIASES.get(name, name): value for name, value in given.items()})

    def clean_page(self) -> int:
        return self.cleaned_data["page"] or 1

    def clean_compact(self) -> bool:
        return bool(self.cleaned_data["compact"] == "true")

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        first, last = asked.get("dateFrom"), asked.get("dateTo")
        if first and last and last < first:
            self.add_error("dateTo", "It must not be before dateFrom.")
        return asked

    def criteria(self) -> Criteria:
        asked = self.cleaned_data
        first = max(filter(None, (asked["date"], asked["dateFrom"])), default=None)
        last = min(filter(None, (asked["date"], asked["dateTo"])), default=None)
        columns = {
            "hostname": asked["hostname"],
            "ip_address": asked["ipAddress"],
            "status": asked["status"],
            "country": asked["location"].upper(),
            "user": asked["user_id"],
        }
        return Criteria(
            since=_midnight(first) if first else EPOCH,
            until=_midnight(last) + DAY if last else FAR,
            included={name: [value] for name, value in columns.items() if value not in {None, ""}},
        )

    def reason(self) -> str:
        """What is wrong, in one sentence."""
        return " ".join(
            f"{field}: {sentence}" for field, all_ in self.errors.items() for sentence in all_
        )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
