"""The admin of events: to look at, one application at a time, newest first, and never counted."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from applications.models import Application
from dashboard.selection import LocalMomentField
from events.display import excerpt, visible
from events.models import Event, levels
from events.parameters import RangeForm
from events.raw import pretty_json
from events.records import EPOCH
from events.sharing import stack_text
from stats.cover import FAR
from stats.finding import Criteria, Page, find
from stats.totals import summaries

PAGE_EVENTS = 100
MOST_CHARACTERS = 100_000  # of each text; the dashboard's page of the event offers them whole
_MOMENT = forms.DateTimeInput({"type": "datetime-local"})


class EventListForm(RangeForm):
    """The application, and what its events are filtered by."""

    application = forms.TypedChoiceField(coerce=int)
    q = forms.CharField(required=False, strip=False, max_length=1_000, label="Text in the message")
    environment = forms.CharField(required=False, strip=False, max_length=1_000)
    release = forms.CharField(required=False, strip=False, max_length=1_000)
    since = LocalMomentField(required=False, label="From", widget=_MOMENT)
    until = LocalMomentField(required=False, widget=_MOMENT)
    level = forms.TypedMultipleChoiceField(
        choices=levels,
        coerce=int,
        required=False,
        label="Levels",
        widget=forms.CheckboxSelectMultiple,
    )
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, asked: Mapping[str, Any], applications: Mapping[int, str]) -> None:
        super().__init__(asked, label_suffix="")
        self.fields["application"].choices = list(applications.items())  # type: ignore[attr-defined]

    def page(self) -> Page:
        asked = self.cleaned_data
        criteria = Criteria(
            since=asked["since"] or EPOCH,
            until=asked["until"] or FAR,
            levels=asked["level"] or None,
            text=asked["q"] or None,
            environment=asked["environment"] or None,
            release=asked["release"] or None,
        )
        return find(asked["application"], criteria, before=asked["before"], limit=PAGE_EVENTS)

    def address(self, before: UUID | None) -> str:
        """The address of the list, from after an event on."""
        fields = [field for field in self if field.name != "before" and field.data]
        values = {field.html_name: field.data for field in fields}
        return "?" + urlencode(values | ({"before": before} if before else {}), doseq=True)


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Event | None:
        try:
            identifier = UUID(object_id)
        except ValueError:
            return None
        # Named, although an id is one of a kind: the primary key begins with the application.
        ids = list(Application.objects.existing().values_list("pk", flat=True))
        events = Event.objects.filter(application__in=ids).select_related("application")
        return events.identified(identifier).first()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        self._check(request)
        applications = dict(Application.objects.existing().values_list("pk", "name"))
        asked = request.GET if "application" in request.GET else _of_the_newest(applications)
        form = EventListForm(asked, applications)
        page = form.page() if form.is_valid() else None
        context = {
            "title": "Events",
            "form": form,
            "page": page,
            "kind": "event",
            "listed": page.events if page else (),
            "older": form.address(page.next) if page and page.next else "",
            "first": form.address(None) if form["before"].data else "",
            "applications": applications,
        }
        return self._answer(request, "change_list", context, 200 if page or not asked else 400)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        self._check(request)
        event = self.get_object(request, object_id)
        if event is None:
            raise Http404("There is no such event.")
        context = {
            "title": str(event),
            "event": event,
            "facts": _facts(event),
            "texts": _texts(event),
        }
        return self._answer(request, "change_form", context)

    def _check(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _answer(
        self, request: HttpRequest, name: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(
            request, f"admin/events/event/{name}.html", {**shared, **context}, status=status
        )


def _of_the_newest(applications: Mapping[int, str]) -> dict[str, Any]:
    """What is shown where no application is asked for: the one with the newest event."""
    if not applications:
        return {}
    found = summaries(list(applications))
    seen = {id_: summary.last_event_at or EPOCH for id_, summary in found.items()}
    return {"application": max(seen, key=lambda id_: seen[id_])}


def _facts(event: Event) -> list[tuple[str, str]]:
    told = {
        "Environment": event.environment,
        "Release": event.release,
        "Logger": event.logger,
        "Server": event.server_name,
        "Trace": event.trace_id,
        "Event": str(event.id),
        "Sender’s id": event.event_id and str(event.event_id),
    }
    return [(name, visible(value)) for name, value in told.items() if value]


def _texts(event: Event) -> list[tuple[str, str, bool]]:
    """What is long: each with its title, and whether this is only its beginning."""
    found = [("Message", excerpt(event.message, MOST_CHARACTERS), len(event.message))]
    if event.stack:
        text = stack_text(event.stack)
        found.append(("Stack", excerpt(text, MOST_CHARACTERS), len(text)))
    texts = [(title, visible(text), length > MOST_CHARACTERS) for title, text, length in found]
    for title, value in (("Tags", event.tags), ("User", event.user), ("Data", event.data)):
        if value:
            text, is_cut = pretty_json(value, MOST_CHARACTERS)
            texts.append((title, visible(text), is_cut))
    return texts
