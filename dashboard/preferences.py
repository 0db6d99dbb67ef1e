"""What a viewer prefers in this browser: theme, time zone, keyboard shortcuts. Kept in cookies.

Cookies, not rows: they hold for the sign-in page too, and the server paints the right theme at
once. Their values are names from short lists; whatever else is in them counts as not set.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from stats.parameters import ZoneField

THEMES = {"system": "System", "light": "Light", "dark": "Dark"}
AUTOMATIC = ""  # the zone of the browser
# Where times are shown in the viewer's zone; the REST API always speaks UTC.
PAGES = {"dashboard", "admin"}
_YEAR_SECONDS = 31_536_000
_PLACE = re.compile(
    "UTC$|(Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific)/"
)


@dataclass(frozen=True, slots=True)
class Preferences:
    theme: str = "system"
    shortcuts: bool = True
    chosen_zone: str = AUTOMATIC  # set by the viewer, else `zone` is the browser's
    zone: str = "UTC"


class PreferencesForm(forms.Form):
    theme = forms.ChoiceField(choices=list(THEMES.items()), widget=forms.RadioSelect)
    zone = ZoneField(
        required=False,
        label="Time zone",
        widget=forms.TextInput({"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
        help_text="A name such as Europe/Warsaw; empty for the zone of this browser.",
    )
    shortcuts = forms.BooleanField(required=False, label="Keyboard shortcuts")

    def chosen(self) -> Preferences:
        cleaned = self.cleaned_data
        named = bool(self["zone"].data)  # without a name the field means UTC
        return Preferences(
            theme=cleaned["theme"],
            shortcuts=cleaned["shortcuts"],
            chosen_zone=cleaned["zone"].key if named else AUTOMATIC,
        )


def form_of(request: HttpRequest) -> PreferencesForm:
    """The form as the viewer's preferences fill it in."""
    now = of(request)
    initial = {"theme": now.theme, "zone": now.chosen_zone, "shortcuts": now.shortcuts}
    return PreferencesForm(initial=initial, label_suffix="")


@cache
def zone_names() -> list[str]:
    """Names of places to choose from; what else `ZoneField` takes are other names of the same."""
    return sorted(name for name in available_timezones() if _PLACE.match(name))


def of(request: HttpRequest) -> Preferences:
    """The preferences that came with a request."""
    theme = request.COOKIES.get("theme", "")
    chosen = _zone_name(request.COOKIES.get("zone", ""))
    return Preferences(
        theme=theme if theme in THEMES else "system",
        shortcuts=request.COOKIES.get("shortcuts") != "off",
        chosen_zone=chosen,
        zone=chosen or _zone_name(request.COOKIES.get("browser_zone", "")) or "UTC",
    )


def remember(response: HttpResponse, preferences: Preferences) -> None:
    """Set the cookies that `of` reads."""
    shortcuts = "on" if preferences.shortcuts else "off"
    for name, value in (
        ("theme", preferences.theme),
        ("zone", preferences.chosen_zone),
        ("shortcuts", shortcuts),
    ):
        response.set_cookie(
            name,
            value,
            max_age=_YEAR_SECONDS,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )


def middleware(respond: Callable[[HttpRequest], HttpResponse]) -> "_Middleware":
    return _Middleware(respond)


class _Middleware:
    """Activates the viewer's zone around pages."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.respond(request)
        finally:
            timezone.deactivate()

    def process_view(self, request: HttpRequest, *_: Any) -> None:
        match = request.resolver_match
        if match is not None and match.app_name in PAGES:
            timezone.activate(ZoneInfo(of(request).zone))


def context(request: HttpRequest) -> dict[str, Any]:
    """What every template is given."""
    return {"preferences": of(request)}


def _zone_name(name: str) -> str:
    """The name if it is one of a time zone, else nothing."""
    if not name:
        return ""
    try:
        return ZoneField().to_python(name.replace("%2F", "/")).key
    except forms.ValidationError:
        return ""
