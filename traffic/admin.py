"""The admin of requests: to look at, one application at a time, newest first, and never counted.

And of what is kept about them: places in paths that were learned, and deletions that are wanted.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin

from applications.only_to_look_at import OnlyToLookAt
from dashboard.admin_found import FoundAdmin, FoundForm
from dashboard.wording import milliseconds, size
from events.display import visible
from events.records import EPOCH
from stats.cover import FAR
from stats.traffic.criteria import Criteria
from stats.traffic.listing import Page, listed
from stats.traffic.parameters import StatusesField
from stats.traffic.recent import recent
from traffic.models import LearnedPlace, Request, WantedDeletion
from traffic.output import user_agents


class RequestListForm(FoundForm):
    """The application, and what its requests are filtered by."""

    q = forms.CharField(required=False, strip=False, max_length=1_000, label="Text in the path")
    status = forms.CharField(required=False, max_length=3, label="Status, such as 404 or 5xx")
    user = forms.CharField(required=False, strip=False, max_length=1_000)
    field_order = ("application", "q", "status", "user", "since", "until")

    def clean_status(self) -> list[int]:
        text = self.cleaned_data["status"]
        return list(StatusesField().clean([text])) if text else []

    def page(self, limit: int) -> Page:
        asked = self.cleaned_data
        chosen = {"status": asked["status"], "user": [asked["user"]] if asked["user"] else []}
        criteria = Criteria(
            since=asked["since"] or EPOCH,
            until=asked["until"] or FAR,
            included={column: values for column, values in chosen.items() if values},
            text=asked["q"],
        )
        return listed(asked["application"], criteria, before=asked["before"], limit=limit)


@admin.register(Request)
class RequestAdmin(FoundAdmin):
    kind = "request"
    list_form = RequestListForm

    def rows_of(self, page: Page) -> Sequence[Request]:
        return page.requests

    def shown_first(self, applications: Mapping[int, str]) -> int:
        """The one that was asked most in a day."""
        found = recent(list(applications), durations=False)
        counts = {id_: found[id_].requests if id_ in found else 0 for id_ in applications}
        return max(counts, key=lambda id_: counts[id_])

    def told(self, found: Request) -> dict[str, Any]:
        return {"title": visible(str(found)), "facts": _facts(found)}


def _facts(request: Request) -> list[tuple[str, str]]:
    told = {
        "Method": request.method,
        "Path": request.path,
        "Route": request.route,
        "Status": str(request.status),
        "Duration": milliseconds(request.duration_ms),
        "Request": None if request.request_bytes is None else size(request.request_bytes),
        "Response": None if request.response_bytes is None else size(request.response_bytes),
        "Host": request.hostname,
        "Version": request.version,
        "Framework": request.framework,
        "Release": request.release,
        "Environment": request.environment,
        "User": request.user,
        "Address": request.ip_address,
        "Country": request.country,
        "Client": request.client,
        "System": request.system,
        "Device": request.device,
        "User agent": user_agents([request]).get(request.agent),
        "Referrer": request.referrer,
        "Trace": request.trace_id,
        "Event": request.event_id and str(request.event_id),
        "Sender’s id": request.request_id and str(request.request_id),
        "Id": str(request.id),
    }
    return [(name, visible(value)) for name, value in told.items() if value]


class _OfApplications(OnlyToLookAt):
    """A short list, the newest first."""

    list_display_links = None
    list_filter = ["application"]
    list_select_related = ["application"]
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER


@admin.register(LearnedPlace)
class LearnedPlaceAdmin(_OfApplications):
    """Below these every part of a path is a value."""

    list_display = ["application", "shown", "learned_at"]
    ordering = ["-learned_at"]
    sortable_by = ()

    @admin.display(description="Place")
    def shown(self, learned: LearnedPlace) -> str:
        return visible(learned.place) or "/"


@admin.register(WantedDeletion)
class WantedDeletionAdmin(_OfApplications):
    """What the worker is still to delete."""

    list_display = ["application", "before", "of_user", "ip_address", "wanted_at"]
    ordering = ["-wanted_at"]
    sortable_by = ()

    @admin.display(description="User", empty_value="all")
    def of_user(self, wanted: WantedDeletion) -> str | None:
        return None if wanted.user is None else visible(wanted.user)
