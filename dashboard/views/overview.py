"""Every application that the viewer may see, a new one, and the demo."""

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from applications import access, creation
from dashboard import shown_once
from dashboard.overview_forms import ListForm, NewApplicationForm
from dashboard.overview_rows import ALL_SORTS, NEW, SORTS, row_page, shows_traffic
from ingest import demo, group_commit


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    form = ListForm(request.GET)
    text, sort = form.chosen("q"), form.chosen("sort") or "name"
    visible = access.visible(request.user)
    named = visible.named_like(text)
    page, rows = row_page(named, sort=sort, number=request.GET.get("page"))
    with_traffic = shows_traffic(named, page, rows, sort)
    alone = page.paginator.count == 1 and not text
    context = {
        "page": page,
        "rows": rows,
        "text": text,
        "sort": sort,
        "sorts": ALL_SORTS if with_traffic else SORTS,
        "with_traffic": with_traffic,
        "first": rows[0].application if alone and rows[0].status.name == NEW else None,
        "may_create": access.may_create(request.user),
        "demo": visible.of_the_demo().exists(),
    }
    return render(request, "dashboard/overview.html", context)


def new_application(request: HttpRequest) -> HttpResponse:
    user = _creator(request)
    form = NewApplicationForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            created = creation.create(**form.cleaned_data, admin=user)
        except creation.NameTaken:
            form.add_error("name", "An application of this name exists already.")
        else:
            shown_once.keep(request, created.application.pk, created.ingest_key)
            return redirect("dashboard:setup", created.application.pk)
    return render(request, "dashboard/new_application.html", {"form": form})


@require_POST
def load_demo(request: HttpRequest) -> HttpResponse:
    user = _creator(request)
    try:
        applications = demo.load(admin=user)
    except group_commit.Busy as busy:
        messages.error(request, f"The demo was not loaded. {busy} Try again in a moment.")
    else:
        names = ", ".join(application.name for application in applications)
        messages.success(request, f"The demo is loaded: a week of {names}.")
    return redirect("dashboard:overview")


@require_POST
def remove_demo(request: HttpRequest) -> HttpResponse:
    _creator(request)
    demo.remove()
    messages.success(request, "The demo is removed.")
    return redirect("dashboard:overview")


def _creator(request: HttpRequest) -> User:
    """The viewer, if they may create applications; so may nobody who is signed out."""
    if isinstance(request.user, User) and access.may_create(request.user):
        return request.user
    raise PermissionDenied("Only staff create applications here, and load or remove the demo.")
