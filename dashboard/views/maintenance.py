"""Maintenance windows of an application's monitors."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from applications import access
from applications.models import Application
from dashboard.maintenance_forms import MaintenanceForm
from dashboard.maintenance_rows import maintenances
from dashboard.preferences import zone_names
from monitors import maintenance as windows
from monitors.models import Maintenance


@require_safe
def maintenance(request: HttpRequest, application_id: int) -> HttpResponse:
    application = access.readable_application(request.user, application_id)
    return _page(request, application, MaintenanceForm(application=application))


def add(request: HttpRequest, application_id: int) -> HttpResponse:
    application = access.writable_application(request.user, application_id)
    if request.method != "POST":
        return redirect("dashboard:maintenance", application_id)
    form = MaintenanceForm(request.POST, application=application)
    if not form.is_valid():
        return _page(request, application, form)
    windows.create(application, form.cleaned_data["monitors"], **form.chosen())
    messages.success(request, "The maintenance is kept: what fails in it is no outage.")
    return redirect("dashboard:maintenance", application_id)


def end(request: HttpRequest, application_id: int, window_id: int) -> HttpResponse:
    application = access.writable_application(request.user, application_id)
    row = get_object_or_404(Maintenance, application=application, pk=window_id)
    if request.method == "POST":
        windows.end(row)
        messages.success(request, f"{row.name} has ended, and does not come again.")
    return redirect("dashboard:maintenance", application_id)


def _page(request: HttpRequest, application: Application, form: MaintenanceForm) -> HttpResponse:
    context = {
        "application": application,
        "may_write": access.may_write(request.user, application),
        "listed": maintenances(application, timezone.now()),
        "form": form,
        "zones": zone_names(),
    }
    return render(request, "dashboard/maintenance.html", context)
