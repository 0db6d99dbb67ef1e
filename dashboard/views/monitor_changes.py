"""Monitors are made and changed, paused and resumed, checked at once and deleted."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from applications import access
from applications.models import Application
from dashboard.form_errors import tell
from dashboard.monitor_forms import FORMS, free_name, initial_of, next_due
from dashboard.monitor_views import button
from dashboard.preferences import zone_names
from monitors import changes
from monitors.models import Monitor
from monitors.targets import kinds


def new(request: HttpRequest, application_id: int, monitor_kind: str) -> HttpResponse:
    application = access.writable_application(request.user, application_id)
    if monitor_kind not in FORMS:
        raise Http404("There is no such kind of monitor.")
    zone = timezone.get_current_timezone_name()
    form = FORMS[monitor_kind](request.POST or None, initial={"zone": zone})
    if _is_sent(request) and form.is_valid():
        target = form.target()
        settings = form.chosen_settings()
        name = settings.pop("name") or free_name(application, target)
        try:
            monitor = changes.create(application, name, target, **settings)
        except (ValidationError, ValueError) as errors:
            tell(form, errors, otherwise="name")
        else:
            messages.success(request, f"{monitor.name} is watched from now on.")
            return redirect("dashboard:monitor", application.pk, monitor.pk)
    return _page(request, application, form, kind=monitor_kind)


def edit(request: HttpRequest, application_id: int, monitor_id: int) -> HttpResponse:
    application = access.writable_application(request.user, application_id)
    monitor = get_object_or_404(Monitor, application=application, pk=monitor_id)
    form = FORMS[monitor.kind](request.POST or None, initial=initial_of(monitor))
    if _is_sent(request) and form.is_valid():
        target = form.target()
        settings = form.chosen_settings()
        settings["name"] = settings["name"] or free_name(application, target, but=monitor)
        changed = {name: new for name, new in settings.items() if getattr(monitor, name) != new}
        try:
            changes.change(monitor, target, **changed)
        except (ValidationError, ValueError) as errors:
            tell(form, errors, otherwise="name")
            monitor.refresh_from_db()
        else:
            messages.success(request, f"{monitor.name} is saved.")
            return redirect("dashboard:monitor", application.pk, monitor.pk)
    return _page(request, application, form, kind=monitor.kind, monitor=monitor)


@button
def pause(request: HttpRequest, monitor: Monitor) -> HttpResponse:
    changes.pause(monitor)
    return _back(request, monitor, "is paused: nobody watches it.")


@button
def resume(request: HttpRequest, monitor: Monitor) -> HttpResponse:
    changes.resume(monitor)
    return _back(request, monitor, "is watched again.")


@button
def check(request: HttpRequest, monitor: Monitor) -> HttpResponse:
    changes.check_now(monitor)
    return _back(request, monitor, "is checked within a second.")


@button
def delete(request: HttpRequest, monitor: Monitor) -> HttpResponse:
    changes.delete(monitor)
    messages.success(request, f"{monitor.name} is deleted, with what it found.")
    return redirect("dashboard:monitors", monitor.application_id)


def _is_sent(request: HttpRequest) -> bool:
    return request.method == "POST" and request.POST.get("step") != "preview"


def _back(request: HttpRequest, monitor: Monitor, words: str) -> HttpResponse:
    messages.success(request, f"{monitor.name} {words}")
    return redirect("dashboard:monitor", monitor.application_id, monitor.pk)


def _page(
    request: HttpRequest, application: Application, form: Any, **more: object
) -> HttpResponse:
    valid = form.is_bound and form.is_valid()
    target = form.target() if valid else None
    context = {
        "application": application,
        "form": form,
        "kinds": {kind: kinds()[kind] for kind in FORMS},
        "next_due": next_due(target, timezone.now()) if target else [],
        "zones": zone_names(),
        **more,
    }
    return render(request, "dashboard/monitor_form.html", context)
