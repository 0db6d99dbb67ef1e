"""The form of a maintenance window: once, or again and again as cron says."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from applications.models import Application
from dashboard.selection import LocalMomentField
from monitors import schedules
from monitors.maintenance import window
from monitors.models import Maintenance, Monitor
from monitors.windows import Recurring, require_seldom

_MOMENT = {"type": "datetime-local"}
_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class MaintenanceForm(forms.Form):
    name = forms.CharField(max_length=100, help_text="What is done. A public status page tells it.")
    monitors = forms.ModelMultipleChoiceField(
        queryset=Monitor.objects.none(),
        required=False,
        widget=forms.SelectMultiple({"size": 5}),
        help_text="None chosen: all of the application.",
    )
    begin = LocalMomentField(
        required=False,
        label="From",
        widget=forms.TextInput(_MOMENT),
        help_text="Empty for now.",
    )
    end = LocalMomentField(required=False, label="Until", widget=forms.TextInput(_MOMENT))
    cron = forms.CharField(
        required=False,
        max_length=100,
        label="Again and again, by cron",
        widget=forms.TextInput(_PLAIN | {"placeholder": "0 2 * * 0"}),
        help_text="When windows begin. They may end for good at the time above.",
    )
    zone = forms.CharField(
        required=False,
        max_length=60,
        label="In the zone",
        widget=forms.TextInput(_PLAIN),
        help_text="Such as Europe/Berlin.",
    )
    minutes = forms.IntegerField(
        required=False, min_value=1, max_value=7 * 1_440, label="Minutes that each lasts"
    )

    def __init__(self, *args: Any, application: Application, **options: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **options})
        self._application = application
        monitors: Any = self.fields["monitors"]
        monitors.queryset = Monitor.objects.filter(application=application)
        self.fields["zone"].initial = timezone.get_current_timezone_name()

    def clean_zone(self) -> str:
        zone = self.cleaned_data["zone"] or "UTC"
        try:
            schedules.time_zone(zone)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        return zone

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        now = timezone.now()
        cleaned["begin"] = cleaned["begin"] or now
        try:
            self._require_possible(Maintenance(application=self._application, **self.chosen()), now)
        except ValueError as error:
            ends = cleaned["end"] and cleaned["end"] <= max(cleaned["begin"], now)
            by_cron = "cron" if cleaned["minutes"] else "minutes"
            self.add_error("end" if ends or not cleaned["cron"] else by_cron, str(error))
        return cleaned

    def chosen(self) -> dict[str, Any]:
        names = ("name", "begin", "end", "cron", "zone", "minutes")
        return {name: self.cleaned_data[name] for name in names}

    def _require_possible(self, row: Maintenance, now: datetime) -> None:
        asked = window(row)
        if isinstance(asked, Recurring):
            require_seldom(asked, now)
        if row.end and row.end <= now:
            raise ValueError("It would be over already.")
