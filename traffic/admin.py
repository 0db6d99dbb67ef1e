"""The admin of requests: to look at, one application at a time, newest first, and never counted.

And of what is kept about them: places in paths that were learned, and deletions that are wanted.
"""

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
from dashboard.wording import milliseconds, size
from events.display import visible
from events.parameters import RangeForm
from events.records import EPOCH
from stats.cover import FAR
from stats.traffic.criteria import Criteria
from stats.traffic.listing import Page, listed
from stats.traffic.parameters import StatusesField
from stats.traffic.recent import recent
from traffic.models import LearnedPlace, Request, WantedDeletion
from traffic.output import user_agents

PAGE_REQUESTS = 100
_MOMENT = forms.DateTimeInput({"type": "datetime-local"})


class RequestListForm(RangeForm):
    """The application, and what its requests are filtered by."""

    application = forms.TypedChoiceField(coerce=int)
    q = forms.CharField(required=False, strip=False, max_length=1_000, label="Text in the path")
    status = forms.CharField(required=False, max_length=3, label="Status, such as 404 or 5xx")
    user = forms.CharField(required=False, strip=False, max_length=1_000)
    since = LocalMomentField(required=False, label="From", widget=_MOMENT)
    until = LocalMomentField(required=False, widget=_MOMENT)
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, asked: Mapping[str, Any], applications: Mapping[int, str]) -> None:
        super().__init__(asked, label_suffix="")
        self.fields["application"].choices = list(applications.items())  # type: ignore[attr-defined]

    def clean_status(self) -> list[int]:
        text = self.cleaned_data["status"]
        return list(StatusesField().clean([text])) if text else []

    def page(self) -> Page:
        asked = self.cleaned_data
        chosen = {"status": asked["status"], "user": [asked["user"]] if asked["user"] else []}
        criteria = Criteria(
            since=asked["since"] or EPOCH,
            until=asked["until"] or FAR,
            included={column: values for column, values in chosen.items() if values},
            text=asked["q"],
        )
        return listed(asked["application"], criteria, before=asked["before"], limit=PAGE_REQUESTS)

    def address(self, before: UUID | None) -> str:
        """The address of the list, from after a request on."""
        fields = [field for field in self if field.name != "before" and field.data]
        values = {field.html_name: field.data for field in fields}
        return "?" + urlencode(values | ({"before": before} if before else {}))


class _OnlyToLookAt(admin.ModelAdmin):  # type: ignore[type-arg]
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Request)
class RequestAdmin(_OnlyToLookAt):
    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Request | None:
        try:
            identifier = UUID(object_id)
        except ValueError:
            return None
        # Named, although an id is one of a kind: the primary key begins with the application.
        ids = list(Application.objects.existing().values_list("pk", flat=True))
        requests = Request.objects.filter(application__in=ids).select_related("application")
        return requests.identified(identifier).first()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        self._check(request)
        applications = dict(Application.objects.existing().values_list("pk", "name"))
        asked = request.GET if "application" in request.GET else _of_the_busiest(applications)
        form = RequestListForm(asked, applications)
        page = form.page() if form.is_valid() else None
        context = {
            "title": "Requests",
            "form": form,
            "page": page,
            "kind": "request",
            "listed": page.requests if page else (),
            "older": form.address(page.next) if page and page.next else "",
            "first": form.address(None) if form["before"].data else "",
            "applications": applications,
        }
        return self._answer(request, "change_list", context, 200 if page or not asked else 400)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        self._check(request)
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404("There is no such request.")
        context = {"title": visible(str(found)), "found": found, "facts": _facts(found)}
        return self._answer(request, "change_form", context)

    def _check(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _answer(
        self, request: HttpRequest, name: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(
            request, f"admin/traffic/request/{name}.html", {**shared, **context}, status=status
        )


def _of_the_busiest(applications: Mapping[int, str]) -> dict[str, Any]:
    """What is shown where no application is asked for: the one that was asked most in a day."""
    if not applications:
        return {}
    found = recent(list(applications), durations=False)
    counts = {id_: found[id_].requests if id_ in found else 0 for id_ in applications}
    return {"application": max(counts, key=lambda id_: counts[id_])}


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


class _OfApplications(_OnlyToLookAt):
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
