"""The admin of events: to look at, one application at a time, newest first, and never counted."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin

from dashboard.admin_found import FoundAdmin, FoundForm
from events.display import excerpt, visible
from events.models import Event, levels
from events.raw import pretty_json
from events.records import EPOCH
from events.sharing import stack_text
from stats.cover import FAR
from stats.finding import Criteria, Page, find
from stats.totals import summaries

MOST_CHARACTERS = 100_000  # of each text; the dashboard's page of the event offers them whole


class EventListForm(FoundForm):
    """The application, and what its events are filtered by."""

    q = forms.CharField(required=False, strip=False, max_length=1_000, label="Text in the message")
    environment = forms.CharField(required=False, strip=False, max_length=1_000)
    release = forms.CharField(required=False, strip=False, max_length=1_000)
    level = forms.TypedMultipleChoiceField(
        choices=levels,
        coerce=int,
        required=False,
        label="Levels",
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("application", "q", "environment", "release", "since", "until", "level")

    def page(self, limit: int) -> Page:
        asked = self.cleaned_data
        criteria = Criteria(
            since=asked["since"] or EPOCH,
            until=asked["until"] or FAR,
            levels=asked["level"] or None,
            text=asked["q"] or None,
            environment=asked["environment"] or None,
            release=asked["release"] or None,
        )
        return find(asked["application"], criteria, before=asked["before"], limit=limit)


@admin.register(Event)
class EventAdmin(FoundAdmin):
    kind = "event"
    list_form = EventListForm

    def rows_of(self, page: Page) -> Sequence[Event]:
        return page.events

    def shown_first(self, applications: Mapping[int, str]) -> int:
        """The one with the newest event."""
        found = summaries(list(applications))
        seen = {id_: summary.last_event_at or EPOCH for id_, summary in found.items()}
        return max(seen, key=lambda id_: seen[id_])

    def told(self, found: Event) -> dict[str, Any]:
        return {"title": str(found), "facts": _facts(found), "texts": _texts(found)}


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
