"""The forms of monitors, one for each kind. What is wrong is told next to its field."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms

from applications.models import Application
from dashboard import monitor_fields
from dashboard.monitor_fields import UNITS
from monitors import heartbeats, targets
from monitors.models import Monitor
from monitors.records import HeartbeatTarget, HttpTarget, Target, TcpTarget, TlsTarget
from monitors.schedules import number_and_unit
from monitors.validity import METHODS, require_valid

INTERVALS = {
    10: "10 seconds", 30: "30 seconds", 60: "minute", 120: "2 minutes", 300: "5 minutes",
    900: "15 minutes", 1_800: "30 minutes", 3_600: "hour", 21_600: "6 hours", 86_400: "day",
}  # fmt: skip
_SHOWN_DUE = 3
_LONGEST_NAME = 100
_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class _TargetForm(forms.Form):
    """What all kinds have: each part of a target is tried alone, in one that is valid else."""

    kind: ClassVar[str]
    valid: ClassVar[Target]
    # The field that errors stand next to → the target's fields that are tried together.
    parts: ClassVar[Mapping[str, Sequence[str]]]
    # Rows of fields: those that everybody sees, and those that are folded in.
    rows: ClassVar[Sequence[Sequence[str]]]
    folded: ClassVar[Sequence[Sequence[str]]] = ()
    folded_title: ClassVar[str] = "More"
    unfolding: ClassVar[Sequence[str]] = ()  # where one of them says something, all are seen
    settings: ClassVar[Sequence[str]] = ("name", "tags")

    name = forms.CharField(max_length=_LONGEST_NAME, widget=forms.TextInput(_PLAIN))
    tags = monitor_fields.TagsField(help_text="Words to filter by, with commas between them.")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **options})

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name, tried in self.parts.items():
            if all(part in cleaned for part in tried):
                try:
                    require_valid(replace(self.valid, **{part: cleaned[part] for part in tried}))
                except ValueError as error:
                    self.add_error(name, str(error))
        return cleaned

    def target(self) -> Target:
        known = {field.name for field in fields(self.valid)}
        given = {name: value for name, value in self.cleaned_data.items() if name in known}
        return replace(self.valid, **given)

    def chosen_settings(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.settings}

    def shown(self) -> list[list[forms.BoundField]]:
        return [[self[name] for name in row] for row in self.rows]

    def folded_in(self) -> list[list[forms.BoundField]]:
        return [[self[name] for name in row] for row in self.folded]

    def unfolded(self) -> bool:
        """Whether what is folded in says something that must be seen."""
        wrong = any(name in self.errors for row in self.folded for name in row)
        return wrong or any(self[name].value() for name in self.unfolding)


class _AskedForm(_TargetForm):
    """What is asked by us, again and again."""

    settings = ("name", "tags", "interval_seconds", "timeout_seconds", "retries")

    interval_seconds = forms.TypedChoiceField(coerce=int, label="Check every", initial=60)
    timeout_seconds = forms.FloatField(
        label="Timeout (seconds)",
        initial=10,
        min_value=0.1,
        max_value=60,
        help_text="A check that takes longer has failed.",
    )
    retries = forms.IntegerField(
        label="Failed checks that are forgiven",
        initial=1,
        min_value=0,
        max_value=10,
        help_text="In a row, before it counts as down. It is down since the first of them.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offered = dict(INTERVALS)
        if stored := self.initial.get("interval_seconds"):
            offered.setdefault(stored, _words(stored))
        self.fields["interval_seconds"].choices = sorted(offered.items())  # type: ignore[attr-defined]
        self.fields["name"].required = False
        self.fields["name"].help_text = "Empty for its host."


def _words(seconds: int) -> str:
    number, unit = number_and_unit(seconds)
    return f"{number} {unit}s"


class HttpForm(_AskedForm):
    kind = "http"
    valid = HttpTarget("https://service.example/")
    parts = {
        **{name: (name,) for name in ("url", "method", "headers", "body", "statuses", "redirects")},
        "keyword": ("keyword", "keyword_absent"),
        "json_value": ("json_path", "json_value"),
    }
    rows = (("url",), ("name", "interval_seconds"), ("tags",))
    folded = (
        ("statuses", "method"), ("keyword",), ("keyword_absent",), ("json_path", "json_value"),
        ("headers",), ("body",), ("timeout_seconds", "retries"), ("redirects",), ("verify",),
    )  # fmt: skip
    folded_title = "What is sent, and what is expected"
    unfolding = ("keyword", "json_path", "headers", "body")

    url = monitor_fields.AddressField(label="Address")
    method = forms.ChoiceField(choices=[(name, name) for name in METHODS], initial="GET")
    statuses = monitor_fields.StatusesField(
        label="Statuses that are right",
        initial=valid.statuses,
        help_text="Ranges and numbers: 200-299, 401.",
    )
    keyword = forms.CharField(
        required=False,
        max_length=1_000,
        label="Text in the answer",
        widget=forms.TextInput(_PLAIN),
        help_text="Optional. The answer must hold it, to the letter.",
    )
    keyword_absent = forms.BooleanField(required=False, label="The text must not be there")
    json_path = forms.CharField(
        required=False,
        max_length=200,
        label="Value in JSON at",
        widget=forms.TextInput(_PLAIN),
        help_text="Names and positions: checks.0.state.",
    )
    json_value = forms.CharField(
        required=False, max_length=1_000, label="It must be", widget=forms.TextInput(_PLAIN)
    )
    headers = monitor_fields.HeadersField(help_text="One in a line, as Name: value.")
    body = monitor_fields.BodyField(help_text="Sent with the request.")
    redirects = forms.IntegerField(
        label="Redirects to follow", initial=5, min_value=0, max_value=10
    )
    verify = forms.BooleanField(
        required=False, initial=True, label="The certificate must be a valid one"
    )


class TcpForm(_AskedForm):
    kind = "tcp"
    valid: ClassVar[TcpTarget | TlsTarget] = TcpTarget("service.example", 443)
    parts = {"host": ("host",), "port": ("port",)}
    rows: ClassVar[Sequence[Sequence[str]]] = (
        ("host", "port"),
        ("name", "interval_seconds"),
        ("tags",),
    )
    folded = (("timeout_seconds", "retries"),)
    folded_title = "When it counts as down"

    host = forms.CharField(max_length=253, widget=forms.TextInput(_PLAIN))
    port = forms.IntegerField(min_value=1, max_value=65_535)


class TlsForm(TcpForm):
    kind = "tls"
    valid = TlsTarget("service.example")
    parts = {"host": ("host",), "port": ("port",), "days": ("days",)}
    rows = (("host", "port"), ("days",), ("name", "interval_seconds"), ("tags",))

    port = forms.IntegerField(min_value=1, max_value=65_535, initial=443)
    days = forms.IntegerField(
        min_value=0,
        max_value=3_650,
        initial=14,
        label="Days that it must hold",
        help_text="The monitor is down when the certificate ends sooner.",
    )
    interval_seconds = forms.TypedChoiceField(coerce=int, label="Check every", initial=3_600)


class HeartbeatForm(_TargetForm):
    kind = targets.HEARTBEAT
    valid = HeartbeatTarget(cron="0 3 * * *")
    parts = {
        "zone": ("zone",),
        "cron": ("cron",),
        "period": ("period_seconds", "cron"),
        "grace": ("grace_seconds",),
    }
    rows = (("name",), ("period", "period_unit"), ("grace", "grace_unit"), ("tags",))
    folded = (("cron", "zone"),)
    folded_title = "As cron starts it, instead"
    unfolding = ("cron",)

    period = forms.IntegerField(
        min_value=1, initial=1, label="It calls every", help_text="From one call to the next."
    )
    period_unit = forms.ChoiceField(choices=[(u, u) for u in UNITS], initial="days", label="Unit")
    grace = forms.IntegerField(
        min_value=1,
        initial=1,
        label="It may be late by",
        help_text="Or run for as long, where it calls as it starts, too.",
    )
    grace_unit = forms.ChoiceField(
        choices=[(u, u) for u in UNITS], initial="hours", label="Unit of the grace"
    )
    cron = forms.CharField(
        required=False,
        max_length=100,
        label="Cron expression",
        widget=forms.TextInput(_PLAIN | {"placeholder": "30 3 * * 1-5"}),
        help_text="Five fields. Then the period above does not count.",
    )
    zone = forms.CharField(
        max_length=60,
        initial="UTC",
        label="In the zone",
        widget=forms.TextInput(_PLAIN),
        help_text="Such as Europe/Berlin.",
    )

    def clean(self) -> dict[str, Any]:
        for name in ("period", "grace"):
            number, unit = (self.cleaned_data.get(each) for each in (name, f"{name}_unit"))
            if number and unit:
                self.cleaned_data[f"{name}_seconds"] = number * UNITS[unit]
        return super().clean()


FORMS: dict[str, type[_TargetForm]] = {
    form.kind: form for form in (HttpForm, HeartbeatForm, TcpForm, TlsForm)
}


class AddressForm(forms.Form):
    """All that the first monitor needs."""

    address = monitor_fields.AddressField()

    def clean_address(self) -> HttpTarget:
        target = HttpTarget(self.cleaned_data["address"])
        try:
            require_valid(target)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        return target

    def name_in(self, application: Application) -> str:
        return free_name(application, self.cleaned_data["address"])


def free_name(application: Application, target: Target, but: Monitor | None = None) -> str:
    """A target's host, with its path or a number where another monitor than `but` has that name."""
    if isinstance(target, HttpTarget):
        parts = urlsplit(target.url)
        host, more = parts.hostname or "", parts.path.rstrip("/")
    else:
        assert not isinstance(target, HeartbeatTarget)
        host, more = target.host, f":{target.port}"
    taken = set(Monitor.objects.filter(application=application).values_list("name", flat=True))
    if but is not None:
        taken.discard(but.name)
    numbers = (f" {n}" for n in range(2, len(taken) + 3))
    numbered = (host[: _LONGEST_NAME - len(number)] + number for number in numbers)
    names = (host, host + more, *numbered)
    return next(name for each in names if (name := each[:_LONGEST_NAME]) not in taken)


def initial_of(monitor: Monitor) -> dict[str, Any]:
    """What the form of a monitor is filled in with."""
    target = targets.read(monitor.kind, monitor.target)
    filled: dict[str, Any] = asdict(target)
    if isinstance(target, HeartbeatTarget):
        for name in ("period", "grace"):
            number, unit = number_and_unit(filled[f"{name}_seconds"])
            filled |= {name: number, f"{name}_unit": f"{unit}s"}
    own = ("name", "tags", "interval_seconds", "timeout_seconds", "retries")
    return filled | {name: getattr(monitor, name) for name in own}


def next_due(target: Target, since: datetime) -> list[datetime]:
    """When a job is due the next times after it was last done."""
    if not isinstance(target, HeartbeatTarget):
        return []
    schedule = heartbeats.schedule(target)
    due = [since]
    for _ in range(_SHOWN_DUE):
        due.append(schedule.following(due[-1]))
    return due[1:]
