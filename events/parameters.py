"""Query parameters that lists and statistics share: moments, levels, tags."""

from datetime import UTC, datetime
from typing import Any

from django import forms

from events.records import LEVELS, level_number


class Words(forms.Widget):
    """All values of a parameter that may be repeated."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        values = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return [value for value in values if value]


class MomentField(forms.Field):
    """An ISO 8601 time; one without a zone is taken for UTC."""

    def to_python(self, value: str | None) -> datetime | None:
        if not value:
            return None
        try:
            # A '+' that was not escaped in the address arrives as a space.
            moment = datetime.fromisoformat(value.strip().replace(" ", "+"))
        except ValueError:
            raise forms.ValidationError(
                "Use an ISO 8601 time such as 2026-11-21T08:00:00Z."
            ) from None
        if not 1970 < moment.year < 3000:  # room for the arithmetic of zones and buckets
            raise forms.ValidationError("Use a time between the years 1971 and 2999.")
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


class LevelsField(forms.Field):
    """Levels by name or number, repeated or separated by commas, as their numbers."""

    widget = Words

    def to_python(self, value: Any) -> list[int]:
        words = [word for part in value or [] for word in part.split(",") if word.strip()]
        return [_level(word) for word in words]


class LevelField(forms.Field):
    def to_python(self, value: str | None) -> int | None:
        return _level(value) if value else None


def _level(word: str) -> int:
    number = level_number(int(word) if word.strip().isdecimal() else word)
    if number is None:
        raise forms.ValidationError(f"{word!r} is no level; use {', '.join(LEVELS)}.")
    return number


class TagsField(forms.Field):
    """Tags as `name:value`, as a list of pairs."""

    widget = Words

    def to_python(self, value: Any) -> list[tuple[str, str]]:
        pairs = [part.partition(":") for part in value or []]
        if not all(name and colon for name, colon, _ in pairs):
            raise forms.ValidationError("Use name:value, such as tag=service:checkout.")
        if any("\0" in part for part in value or []):
            raise forms.ValidationError("Null characters are not allowed.")  # as Django says it
        return [(name, text) for name, _, text in pairs]


class RangeForm(forms.Form):
    """Refuses a range that ends before it begins."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since >= until:
            self.add_error("until", f"It must be later than since, {since:%Y-%m-%dT%H:%M:%SZ}.")
        return cleaned
