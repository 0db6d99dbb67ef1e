"""What is asked of lists of monitors, checks and outages."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet

from monitors import targets
from monitors.models import Check, Monitor
from monitors.verdicts import STATES

# Range → how it is asked for, and the length of its steps.
RANGES = {
    "24h": (timedelta(days=1), timedelta(minutes=30)),
    "7d": (timedelta(days=7), timedelta(hours=3)),
    "30d": (timedelta(days=30), timedelta(hours=12)),
    "90d": (timedelta(days=90), timedelta(days=1)),
}


class MonitorsForm(forms.Form):
    state = forms.ChoiceField(required=False, choices=[(state, state) for state in STATES])
    kind = forms.ChoiceField(required=False, choices=[(kind, kind) for kind in targets.kinds()])
    tag = forms.CharField(required=False)
    q = forms.CharField(required=False)
    paused = forms.NullBooleanField(required=False)

    def chosen(self, monitors: QuerySet[Monitor]) -> QuerySet[Monitor]:
        asked: dict[str, Any] = self.cleaned_data
        fields = {"state": "state", "kind": "kind", "tag": "tags__contains", "q": "name__icontains"}
        for name, lookup in fields.items():
            if asked[name]:
                wanted = [asked[name]] if name == "tag" else asked[name]
                monitors = monitors.filter(**{lookup: wanted})
        if asked["paused"] is not None:
            monitors = monitors.filter(paused=asked["paused"])
        return monitors


class ChecksForm(forms.Form):
    since = forms.DateTimeField(required=False)
    until = forms.DateTimeField(required=False)
    cursor = forms.DateTimeField(required=False)
    failed = forms.NullBooleanField(required=False)

    def chosen(self, checks: QuerySet[Check]) -> QuerySet[Check]:
        """Newest first, before the cursor."""
        asked = self.cleaned_data
        ends: list[datetime] = [each for each in (asked["until"], asked["cursor"]) if each]
        if ends:
            checks = checks.filter(checked_at__lt=min(ends))
        if asked["since"]:
            checks = checks.filter(checked_at__gte=asked["since"])
        if asked["failed"] is not None:
            checks = checks.filter(failure__isnull=not asked["failed"])
        return checks.order_by("-checked_at")


class StatsForm(forms.Form):
    range = forms.ChoiceField(required=False, choices=[(name, name) for name in RANGES])
