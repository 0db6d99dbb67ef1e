"""The forms of an application's settings."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone

from applications.durations import duration
from applications.models import Application, Key, Membership
from monitors.models import Monitor, StatusPage
from traffic import exclusions
from traffic.models import Policy

_ROLES = {Membership.VIEWER: "Viewer: may look", Membership.ADMIN: "Admin: may change settings"}
_KINDS = {Key.INGEST: "Ingest: sends events", Key.READ: "Read: reads over REST"}
_OLDEST = date(1970, 1, 2)


class DurationField(forms.CharField):
    """A length of time as people write it: 30m, 24h, 90d."""

    def clean(self, value: Any) -> timedelta | None:
        text = super().clean(value)
        try:
            return duration(text) if text else None
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class _OneOfSeveral(forms.BaseForm):
    """Several forms are on the page: the ids of this one's fields begin with its name."""

    name: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"auto_id": f"{self.name}_%s", "label_suffix": ""}
        super().__init__(*args, **kwargs)


class DetailsForm(_OneOfSeveral, forms.ModelForm):  # type: ignore[type-arg]
    name = "details"

    class Meta:
        model = Application
        fields = ["name", "description", "active"]
        labels = {"active": "Active"}
        help_texts = {
            "name": "Lower-case letters and digits, with single - . _ between them.",
            "active": "An inactive application keeps its events and takes no new ones.",
        }
        widgets = {
            "name": forms.TextInput({"autocomplete": "off", "autocapitalize": "none"}),
            "description": forms.TextInput(),
        }


class RetentionForm(_OneOfSeveral, forms.Form):
    name = "retention"
    days = forms.IntegerField(required=False, min_value=1, label="Keep events for (days)")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "days"
        ].help_text = (
            f"Empty for the installation’s {settings.RETENTION_DAYS} days, which is also the most."
        )

    def clean_days(self) -> int | None:
        days: int | None = self.cleaned_data["days"]
        if days is not None and days > settings.RETENTION_DAYS:
            raise forms.ValidationError(
                f"This installation keeps events for {settings.RETENTION_DAYS} days at most."
            )
        return days


class RoutesField(forms.CharField):
    """Routes, one in a line."""

    def __init__(self, **options: Any) -> None:
        widget = forms.Textarea({"rows": 4, "spellcheck": "false"})
        super().__init__(required=False, widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        lines = [line.strip() for line in super().clean(value).splitlines()]
        routes = list(dict.fromkeys(line for line in lines if line))
        for route in routes:
            if not exclusions.is_route(route):
                raise forms.ValidationError(
                    f"{route[:50]!r} is no route; begin with a slash, such as /files/*."
                )
        if len(routes) > exclusions.MOST_ROUTES:
            raise forms.ValidationError(f"Name at most {exclusions.MOST_ROUTES} routes.")
        return routes


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """What is kept of requests, and the routes that an application declares."""

    templates = RoutesField(
        label="Routes",
        help_text="Templates that win over what is inferred, one in a line, the first that fits: "
        "/files/* or /tags/{tag}.",
    )

    class Meta:
        model = Policy
        fields = ["least_privacy", "keep_query_values", "apdex_ms", "templates"]
        labels = {
            "least_privacy": "Addresses",
            "keep_query_values": "Keep the values in query strings",
            "apdex_ms": "Apdex threshold (ms)",
        }
        help_texts = {
            "least_privacy": "Senders may ask for more privacy, not for less.",
            "keep_query_values": "Without, only the names of parameters are kept.",
        }


class TrafficForm(_OneOfSeveral, PolicyForm):
    name = "traffic"


class ExclusionsForm(_OneOfSeveral, forms.ModelForm):  # type: ignore[type-arg]
    name = "exclusions"
    hidden_routes = RoutesField(
        label="Hidden routes",
        help_text="One in a line, as the page names them; a last * is any rest: /metrics, "
        "/users/{id} or /internal/*.",
    )

    class Meta:
        model = Policy
        fields = [
            "hidden_routes", "leave_out_health_checks", "leave_out_not_found", "leave_out_bots",
        ]  # fmt: skip
        labels = {
            "leave_out_health_checks": "Leave out health checks",
            "leave_out_not_found": "Leave out 404s",
            "leave_out_bots": "Leave out bots and AI crawlers",
        }
        help_texts = {
            "leave_out_health_checks": ", ".join(exclusions.HEALTH_CHECKS),
            "leave_out_bots": "By their user agents. It costs time where there are very many "
            "requests.",
        }


class RequestsForm(_OneOfSeveral, forms.Form):
    """Which requests are to go: those of which all that is given is true."""

    name = "requests"
    before = forms.DateField(
        required=False,
        label="Before",
        help_text="That occurred before this day began in your zone.",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    user = forms.CharField(required=False, label="Of the user")
    ip_address = forms.GenericIPAddressField(required=False, label="Of the address")
    sure = forms.BooleanField(label="They can’t be had back")

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(asked.get(n) for n in ("before", "user", "ip_address")):
            self.add_error("before", "Say which: a day, a user, an address, or several of these.")
        return asked

    def moment(self) -> datetime | None:
        """The moment that requests are older than."""
        day: date | None = self.cleaned_data["before"]
        zone = timezone.get_current_timezone()
        return None if day is None else datetime.combine(day, time(), zone)


class MemberForm(_OneOfSeveral, forms.Form):
    name = "member"
    username = forms.CharField(
        max_length=150,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none"}),
    )
    role = forms.ChoiceField(choices=list(_ROLES.items()))


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=list(_ROLES.items()))


class KeyForm(_OneOfSeveral, forms.Form):
    name = "key"
    kind = forms.ChoiceField(choices=list(_KINDS.items()))
    label = forms.CharField(
        required=False,
        max_length=64,
        help_text="A note that tells it from other keys. Optional.",
    )
    expires = DurationField(
        required=False,
        label="Works for",
        help_text="As 30m, 24h or 90d; empty for until it is rotated or revoked.",
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none"}),
    )

    def clean_expires(self) -> datetime | None:
        length: timedelta | None = self.cleaned_data["expires"]
        if length is None:
            return None
        if not length:
            raise forms.ValidationError("Let it work for some time at least.")
        return timezone.now() + length


class RotationForm(_OneOfSeveral, forms.Form):
    """For the kinds of which there are valid keys."""

    name = "rotation"
    kind = forms.ChoiceField(label="Replace keys of the kind")
    grace = DurationField(
        initial="24h",
        label="Old keys work for another",
        help_text="As 30m, 24h or 7d; 0s ends them now.",
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none"}),
    )

    def __init__(self, *args: Any, kinds: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind, _KINDS[kind]) for kind in kinds]  # type: ignore[attr-defined]


class StatusPageForm(_OneOfSeveral, forms.ModelForm):  # type: ignore[type-arg]
    """What is published of the monitors."""

    name = "status"

    class Meta:
        model = StatusPage
        fields = ["public", "title", "address", "monitors", "durations"]
        labels = {
            "public": "Publish it",
            "monitors": "Monitors that it shows",
            "durations": "Show response times",
        }
        help_texts = {
            "public": "Whoever knows the address sees it, without signing in.",
            "address": "After /status/. The one that it comes with can’t be guessed.",
            "durations": "",
        }
        widgets = {
            "title": forms.TextInput({"autocomplete": "off"}),
            "address": forms.TextInput({"autocomplete": "off", "autocapitalize": "none"}),
            "monitors": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        monitors: Any = self.fields["monitors"]
        monitors.queryset = Monitor.objects.filter(application=self.instance.application_id)


class EventsForm(_OneOfSeveral, forms.Form):
    """Events before a day of the viewer's zone."""

    name = "events"
    before = forms.DateField(
        label="Delete events received before",
        widget=forms.DateInput({"type": "date"}),
        help_text="The day itself is kept. Tomorrow deletes everything up to now.",
    )

    def clean_before(self) -> datetime:
        day: date = self.cleaned_data["before"]
        if not _OLDEST <= day <= timezone.localdate() + timedelta(days=1):
            raise forms.ValidationError("Choose a day up to tomorrow.")
        return datetime.combine(day, time(), timezone.get_current_timezone())


class DeletionForm(_OneOfSeveral, forms.Form):
    name = "deletion"
    typed = forms.CharField(
        strip=True, widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none"})
    )

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.application_name = application.name
        self.fields["typed"].label = f"Type {application.name} to confirm"

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if typed != self.application_name:
            raise forms.ValidationError(
                f"This is not its name, {self.application_name}. Nothing was deleted."
            )
        return typed
