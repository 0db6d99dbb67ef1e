"""The forms of rules and channels: one for each kind, with what all have in common."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django import forms

from alerts.models import Channel, Rule
from alerts.records import (
    Apprise,
    CertificateEnds,
    Email,
    ErrorRate,
    ManyEvents,
    MonitorDown,
    NewMessage,
    NoEvent,
    ReturnedMessage,
    SlowRequests,
    Webhook,
)
from alerts.validity import LEVELS, MOST_EVENTS, MOST_REQUESTS, MOST_TEMPLATE, require_valid
from applications.models import Application
from monitors.models import Monitor

_LEVELS = [(level, level) for level in LEVELS]


class _RecordForm(forms.Form):
    """Fields named as those of a record, beside others."""

    record: type[Any]
    own: tuple[str, ...]  # fields that are the record's
    common: tuple[str, ...]  # that are those of the rule or channel
    heading: str  # of the kind, where one is chosen
    about: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"label_suffix": ""})

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                require_valid(self.found())
            except ValueError as error:
                self.add_error(self.own[0] if self.own else None, str(error))
        return cleaned

    def found(self) -> Any:
        """The record that was filled in."""
        return self.record(**{name: self.cleaned_data[name] for name in self.own})

    def record_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.own]

    def settings(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.common}


# --- Rules -----------------------------------------------------------------------------------


class RuleForm(_RecordForm):
    name = forms.CharField(max_length=100, widget=forms.TextInput({"autocomplete": "off"}))
    channels = forms.ModelMultipleChoiceField(
        Channel.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Tell",
        help_text="Without a channel, alerts are on this page only.",
    )
    active = forms.BooleanField(required=False, initial=True, label="Active")

    common = ("name", "active")

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        channels: Any = self.fields["channels"]
        channels.queryset = application.channels.all()
        if "monitors" in self.fields:
            monitors: Any = self.fields["monitors"]
            names = monitor_names(application)
            # A rule of what was deleted stays one of it: of none it would be one of all.
            gone = [pk for pk in self.initial.get("monitors", ()) if pk not in names]
            monitors.choices = [*names.items(), *((pk, "A monitor that is gone") for pk in gone)]


def _level() -> forms.ChoiceField:
    return forms.ChoiceField(choices=_LEVELS, initial="ERROR", label="Level, at least")


def _contains() -> forms.CharField:
    return forms.CharField(
        required=False, label="Message contains", help_text="Empty: every message."
    )


def _minutes(initial: int, label: str = "Within minutes") -> forms.IntegerField:
    return forms.IntegerField(min_value=1, max_value=1_440, initial=initial, label=label)


def _least_requests() -> forms.IntegerField:
    return forms.IntegerField(
        min_value=1,
        max_value=MOST_REQUESTS,
        initial=20,
        label="With at least so many requests",
        help_text="In these minutes together: fewer tell nothing.",
    )


class NewMessageForm(RuleForm):
    record, own = NewMessage, ("level", "contains")
    heading, about = "A new message", "A message that was never seen before."
    level, contains = _level(), _contains()


class ReturnedMessageForm(RuleForm):
    record, own = ReturnedMessage, ("days", "level", "contains")
    heading, about = "A message that returns", "What was thought to be mended is seen again."
    days = forms.IntegerField(min_value=1, max_value=90, initial=7, label="After days of silence")
    level, contains = _level(), _contains()


class ManyEventsForm(RuleForm):
    record, own = ManyEvents, ("more_than", "minutes", "level", "contains")
    heading, about = "Many events", "More events than usual within some minutes."
    more_than = forms.IntegerField(
        min_value=0, max_value=MOST_EVENTS, initial=100, label="More than"
    )
    minutes = _minutes(5)
    level, contains = _level(), _contains()


class NoEventForm(RuleForm):
    record, own = NoEvent, ("minutes",)
    heading, about = "No event", "A program that always says something has fallen silent."
    minutes = _minutes(60, "For minutes")


class ErrorRateForm(RuleForm):
    record, own = ErrorRate, ("percent", "minutes", "least_requests")
    heading, about = "Error rate", "Too many requests are answered with 500 and above."
    percent = forms.FloatField(min_value=0, max_value=99.99, initial=5, label="More than percent")
    minutes = _minutes(5, "In each of so many minutes")
    least_requests = _least_requests()


class SlowRequestsForm(RuleForm):
    record, own = SlowRequests, ("p95_ms", "minutes", "least_requests")
    heading, about = "Slow requests", "One request in twenty takes too long."
    p95_ms = forms.FloatField(min_value=1, max_value=3_600_000, initial=1_000, label="p95 above ms")
    minutes = _minutes(5, "In each of so many minutes")
    least_requests = _least_requests()


class _MonitorsField(forms.TypedMultipleChoiceField):
    def __init__(self) -> None:
        super().__init__(
            coerce=int,
            required=False,
            widget=forms.CheckboxSelectMultiple,
            label="Which monitors",
            help_text="None chosen: all, also those that are made later.",
        )

    def clean(self, value: Any) -> tuple[int, ...]:
        return tuple(super().clean(value))


class MonitorDownForm(RuleForm):
    record, own = MonitorDown, ("monitors",)
    heading, about = "A monitor is down", "And when it is up again, after how long."
    monitors = _MonitorsField()


class CertificateEndsForm(RuleForm):
    record, own = CertificateEnds, ("days", "monitors")
    heading, about = "A certificate ends", "Of an HTTPS or TLS monitor, some days ahead."
    days = forms.IntegerField(min_value=1, max_value=90, initial=14, label="Within days")
    monitors = _MonitorsField()


RULE_FORMS: dict[str, type[RuleForm]] = {
    "monitor_down": MonitorDownForm,
    "new_message": NewMessageForm,
    "returned_message": ReturnedMessageForm,
    "many_events": ManyEventsForm,
    "error_rate": ErrorRateForm,
    "slow_requests": SlowRequestsForm,
    "no_event": NoEventForm,
    "certificate_ends": CertificateEndsForm,
}


# --- Channels --------------------------------------------------------------------------------


class Lines(forms.CharField):
    """Several values, one in a line."""

    def __init__(self, *, rows: int = 3, **options: Any) -> None:
        widget = forms.Textarea({"rows": rows, "spellcheck": "false"})
        super().__init__(widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> tuple[str, ...]:
        lines = (line.strip() for line in str(super().clean(value)).splitlines())
        return tuple(dict.fromkeys(line for line in lines if line))


class HeaderLines(Lines):
    """Headers, one in a line."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return "\n".join(f"{name}: {text}" for name, text in value)
        return value

    def clean(self, value: Any) -> Any:
        return tuple(_header(line) for line in super().clean(value))


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name.strip():
        raise forms.ValidationError(f"{line[:50]} is no header such as X-Token: abc.")
    return name.strip(), value.strip()


class ChannelForm(_RecordForm):
    name = forms.CharField(max_length=100, widget=forms.TextInput({"autocomplete": "off"}))
    most_per_hour = forms.IntegerField(
        min_value=1,
        max_value=1_000,
        initial=20,
        label="Messages an hour, at most",
        help_text="What is more comes in one message, and nothing is lost.",
    )
    quiet_from = forms.TimeField(required=False, widget=forms.TimeInput({"type": "time"}))
    quiet_until = forms.TimeField(
        required=False,
        widget=forms.TimeInput({"type": "time"}),
        help_text="What comes within waits until then.",
    )
    zone = forms.CharField(initial="UTC", label="Zone", widget=forms.TextInput({"list": "zones"}))
    active = forms.BooleanField(required=False, initial=True, label="Active")

    common = ("name", "most_per_hour", "quiet_from", "quiet_until", "zone", "active")


class EmailForm(ChannelForm):
    record, own = Email, ("to",)
    heading, about = "E-mail", "One address or several."
    to = Lines(label="To", help_text="One address in a line.")


class WebhookForm(ChannelForm):
    record, own = Webhook, ("url", "secret", "template", "headers")
    heading, about = "Webhook", "JSON to a service of yours, signed."
    url = forms.CharField(label="Address", widget=forms.URLInput({"placeholder": "https://"}))
    secret = forms.CharField(
        required=False,
        help_text="Signs each request (HMAC-SHA256). Empty: nothing is signed.",
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    template = forms.CharField(
        required=False,
        strip=False,
        max_length=MOST_TEMPLATE,
        widget=forms.Textarea({"rows": 4, "spellcheck": "false"}),
        label="Body",
        help_text="Empty for ours. JSON in which $title, $text, $url and other names are filled.",
    )
    headers = HeaderLines(required=False, rows=2, help_text="One in a line: X-Token: abc")


class AppriseForm(ChannelForm):
    record, own = Apprise, ("url",)
    heading = "Slack, Teams, Discord, Telegram, ntfy …"
    about = "A hundred services, by their Apprise address."
    url = forms.CharField(
        label="Apprise address",
        help_text="Such as ntfy://topic, slack://tokenA/tokenB/tokenC, discord://id/token, "
        "tgram://bot/chat.",
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )


CHANNEL_FORMS: dict[str, type[ChannelForm]] = {
    "email": EmailForm,
    "webhook": WebhookForm,
    "apprise": AppriseForm,
}


class Offered(NamedTuple):
    """A kind that may be chosen."""

    kind: str
    heading: str
    about: str


def offered(forms: Mapping[str, type[_RecordForm]]) -> list[Offered]:
    return [Offered(kind, form.heading, form.about) for kind, form in forms.items()]


def initial_of(thing: Rule | Channel) -> dict[str, Any]:
    """What a form shows of a rule or channel as it is stored."""
    if isinstance(thing, Rule):
        chosen = {"channels": [channel.pk for channel in thing.channels.all()]}
        return {**thing.condition, **_common(RuleForm, thing), **chosen}
    return {**thing.address, **_common(ChannelForm, thing)}


def _common(form: type[_RecordForm], thing: Rule | Channel) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in form.common}


def monitor_names(application: Application) -> dict[int, str]:
    """By name, as lists have them."""
    return dict(Monitor.objects.filter(application=application).values_list("pk", "name"))
