"""Settings of an application: what it is, how long it keeps events, and its end."""

from copy import copy

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from applications import access, changes, creation, deletion, expiry
from applications.models import Application
from dashboard.losses import loss_before, loss_by_keeping
from dashboard.settings_forms import DeletionForm, DetailsForm, EventsForm, RetentionForm
from dashboard.settings_page import back_to_settings, form_of_settings, settings_page


@require_safe
def settings(request: HttpRequest, application_id: int) -> HttpResponse:
    application = access.writable_application(request.user, application_id)
    return settings_page(request, application)


@form_of_settings
def details(request: HttpRequest, application: Application) -> HttpResponse:
    form = DetailsForm(request.POST, instance=copy(application))  # it writes into what it is given
    if form.is_valid():
        try:
            changes.change(copy(application), **form.cleaned_data)
        except creation.NameTaken:
            form.add_error("name", "An application of this name exists already.")
        else:
            messages.success(request, "The details are saved.")
            return back_to_settings(application)
    return settings_page(request, application, details=form)


@form_of_settings
def retention(request: HttpRequest, application: Application) -> HttpResponse:
    """Save what loses nothing at once, else when what would be lost is confirmed."""
    form = RetentionForm(request.POST)
    if not form.is_valid():
        return settings_page(request, application, retention=form)
    days = form.cleaned_data["days"]
    loss = loss_by_keeping(application, days)
    step = request.POST.get("step")
    if step == "confirmed" or (step == "save" and not loss.count):
        changes.change(application, retention_days=days)
        later = f" {loss.count:,} older ones go within the hour." if loss.count else ""
        messages.success(request, f"The retention is saved.{later}")
        return back_to_settings(application)
    return settings_page(request, application, retention=form, retention_loss=loss, days=days)


@form_of_settings
def keep(request: HttpRequest, application: Application) -> HttpResponse:
    """Nobody has used it for long, and it stays nevertheless."""
    expiry.keep(application)
    messages.success(request, f"{application} is kept, with its keys.")
    return redirect("dashboard:application", application.pk)


@form_of_settings
def delete_events(request: HttpRequest, application: Application) -> HttpResponse:
    """Tell how many events are before the day; delete them when it is confirmed."""
    form = EventsForm(request.POST)
    if not form.is_valid():
        return settings_page(request, application, events=form)
    loss = loss_before(application, form.cleaned_data["before"])
    if loss.count and request.POST.get("step") == "confirmed":
        deletion.want_events(application, loss.before)
        messages.success(request, f"{loss.count:,} events are being deleted.")
        return back_to_settings(application)
    return settings_page(request, application, events=form, events_loss=loss)


@form_of_settings
def delete(request: HttpRequest, application: Application) -> HttpResponse:
    form = DeletionForm(request.POST, application=application)
    if not form.is_valid():
        return settings_page(request, application, deletion=form)
    deletion.want(application)
    messages.success(request, f"{application.name} is deleted. Its events go within minutes.")
    return redirect("dashboard:overview")
