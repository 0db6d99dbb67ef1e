"""The admin's lists of what an application was sent: one application at a time, never counted."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from applications.models import Application
from applications.only_to_look_at import OnlyToLookAt
from dashboard.selection import LocalMomentField
from events.parameters import RangeForm

PAGE_ROWS = 100
_MOMENT = forms.DateTimeInput({"type": "datetime-local"})


class FoundForm(RangeForm):
    """The application, and what its rows are filtered by."""

    application = forms.TypedChoiceField(coerce=int)
    since = LocalMomentField(required=False, label="From", widget=_MOMENT)
    until = LocalMomentField(required=False, widget=_MOMENT)
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, asked: Mapping[str, Any], applications: Mapping[int, str]) -> None:
        super().__init__(asked, label_suffix="")
        self.fields["application"].choices = list(applications.items())  # type: ignore[attr-defined]

    def page(self, limit: int) -> Any:
        """A page of the list: its `next` is the row after which there are more."""
        raise NotImplementedError

    def address(self, before: UUID | None) -> str:
        """The address of the list, from after a row on."""
        fields = [field for field in self if field.name != "before" and field.data]
        values = {field.html_name: field.data for field in fields}
        return "?" + urlencode(values | ({"before": before} if before else {}), doseq=True)


class FoundAdmin(OnlyToLookAt):
    """Events, or requests. `kind` is what one is called, `form` what finds them."""

    kind: ClassVar[str]
    list_form: ClassVar[type[FoundForm]]

    def rows_of(self, page: Any) -> Sequence[Any]:
        """The rows of a page of the form."""
        raise NotImplementedError

    def shown_first(self, applications: Mapping[int, str]) -> int:
        """The application that is shown where none is asked for; there is at least one."""
        raise NotImplementedError

    def told(self, found: Any) -> dict[str, Any]:
        """What the page of one tells."""
        raise NotImplementedError

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        try:
            identifier = UUID(object_id)
        except ValueError:
            return None
        # Named, although an id is one of a kind: the primary key begins with the application.
        ids = list(Application.objects.existing().values_list("pk", flat=True))
        rows: Any = self.model.objects.filter(application__in=ids)
        return rows.select_related("application").identified(identifier).first()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        self._check(request)
        applications = dict(Application.objects.existing().values_list("pk", "name"))
        asked = self._asked(request, applications)
        form = self.list_form(asked, applications)
        page = form.page(PAGE_ROWS) if form.is_valid() else None
        context = {
            "title": f"{self.kind.capitalize()}s",
            "form": form,
            "page": page,
            "kind": self.kind,
            "listed": self.rows_of(page) if page else (),
            "older": form.address(page.next) if page and page.next else "",
            "first": form.address(None) if form["before"].data else "",
            "applications": applications,
        }
        return self._answer(request, "change_list", context, 200 if page or not asked else 400)

    def _asked(self, request: HttpRequest, applications: Mapping[int, str]) -> Mapping[str, Any]:
        if "application" in request.GET:
            return request.GET
        return {"application": self.shown_first(applications)} if applications else {}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        self._check(request)
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404(f"There is no such {self.kind}.")
        return self._answer(request, "change_form", {"found": found, **self.told(found)})

    def _check(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _answer(
        self, request: HttpRequest, name: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        path = f"admin/{self.opts.app_label}/{self.opts.model_name}/{name}.html"
        return TemplateResponse(request, path, {**shared, **context}, status=status)
