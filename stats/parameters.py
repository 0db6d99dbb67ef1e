"""Query parameters of the statistics and of the list of events."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms

from events.parameters import LevelField, LevelsField, MomentField, RangeForm, TagsField
from events.records import EPOCH, LEVELS
from stats.buckets import Interval
from stats.cover import FAR
from stats.finding import Criteria

DEFAULT_RANGE = timedelta(hours=24)


class ZoneField(forms.Field):
    """The name of a time zone (IANA), UTC by default."""

    def to_python(self, value: str | None) -> ZoneInfo:
        try:
            return ZoneInfo(value or "UTC")
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise forms.ValidationError(
                f"{value!r} is no time zone; use a name such as Europe/Warsaw."
            ) from None


class _LevelsForm(RangeForm):
    """A range and levels, by default all."""

    since = MomentField(required=False)
    until = MomentField(required=False)
    level = LevelsField(required=False)
    min_level = LevelField(required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            cleaned["levels"] = _levels(cleaned["level"], cleaned["min_level"])
        return cleaned


class StatsForm(_LevelsForm):
    """A range, by default the last 24 hours, and the levels to count, by default all."""

    def clean_until(self) -> datetime:
        return self.cleaned_data["until"] or datetime.now(UTC)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            cleaned["since"] = cleaned["since"] or cleaned["until"] - DEFAULT_RANGE
        return cleaned


class IntervalField(forms.Field):
    """The length of a bucket, an hour by default."""

    def to_python(self, value: str | None) -> Interval:
        try:
            return Interval(value or Interval.HOUR)
        except ValueError:
            raise forms.ValidationError(f"Use one of {', '.join(Interval)}.") from None


class SeriesForm(StatsForm):
    interval = IntervalField(required=False)
    tz = ZoneField(required=False)
    fill = forms.BooleanField(required=False)


class RankingForm(StatsForm):
    limit = forms.IntegerField(required=False, min_value=1, max_value=100)

    def clean_limit(self) -> int:
        return self.cleaned_data["limit"] or 10


class EventsForm(_LevelsForm):
    """What events are chosen by, by default all, and the one after which a page begins."""

    q = forms.CharField(required=False, strip=False)
    tag = TagsField(required=False)
    environment = forms.CharField(required=False)
    release = forms.CharField(required=False)
    logger = forms.CharField(required=False)
    cursor = forms.UUIDField(required=False)

    def criteria(self) -> Criteria:
        asked = self.cleaned_data
        return Criteria(
            since=asked["since"] or EPOCH,
            until=asked["until"] or FAR,
            levels=asked["levels"],
            text=asked["q"],
            tags=asked["tag"],
            environment=asked["environment"],
            release=asked["release"],
            logger=asked["logger"],
        )


def _levels(chosen: list[int], least: int | None) -> list[int] | None:
    """The levels to count; None for all."""
    if not chosen and least is None:
        return None
    return [
        number
        for number in LEVELS.values()
        if (not chosen or number in chosen) and number >= (least or 0)
    ]
