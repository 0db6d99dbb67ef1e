"""An application's monitors, and a new one of which only the address is known."""

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from applications import access
from applications.models import Application
from dashboard.form_errors import tell
from dashboard.monitor_forms import AddressForm
from dashboard.monitor_rows import monitor_rows
from dashboard.monitor_selection import choices, monitor_selection
from monitors import changes

PER_PAGE = 200


@require_safe
def monitors(request: HttpRequest, application_id: int) -> HttpResponse:
    application = access.readable_application(request.user, application_id)
    return _page(request, application, AddressForm())


def add(request: HttpRequest, application_id: int) -> HttpResponse:
    """Watch an address; all else is what it mostly is."""
    application = access.writable_application(request.user, application_id)
    if request.method != "POST":
        return redirect("dashboard:monitors", application_id)
    form = AddressForm(request.POST)
    if form.is_valid():
        try:
            monitor = changes.create(
                application, form.name_in(application), form.cleaned_data["address"]
            )
        except (ValidationError, ValueError) as errors:
            tell(form, errors, otherwise="address")
        else:
            return redirect("dashboard:monitor", application_id, monitor.pk)
    return _page(request, application, form)


def _page(request: HttpRequest, application: Application, form: AddressForm) -> HttpResponse:
    selection = monitor_selection(request.GET)
    page = Paginator(selection.monitors(application), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "application": application,
        "tab": "monitors",
        "may_write": access.may_write(request.user, application),
        "selection": None,
        "chosen": selection,
        "choices": choices(application, selection),
        "page": page,
        "rows": monitor_rows(list(page), timezone.now()),
        "form": form,
    }
    return render(request, "dashboard/monitors.html", context)
