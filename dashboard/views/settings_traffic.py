"""Settings of an application's requests: what is kept and shown of them, and which are to go."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from applications.models import Application
from dashboard.settings_forms import ExclusionsForm, RequestsForm, TrafficForm
from dashboard.settings_page import back_to_settings, form_of_settings, settings_page
from stats.traffic import deletions
from traffic import policies


@form_of_settings
def traffic(request: HttpRequest, application: Application) -> HttpResponse:
    form = TrafficForm(request.POST, instance=policies.stored(application.pk))
    if not form.is_valid():
        return settings_page(request, application, traffic=form)
    form.save()
    policies.forget_all()
    messages.success(request, "The traffic’s settings are saved. They count from now on.")
    return back_to_settings(application)


@form_of_settings
def left_out(request: HttpRequest, application: Application) -> HttpResponse:
    form = ExclusionsForm(request.POST, instance=policies.stored(application.pk))
    if not form.is_valid():
        return settings_page(request, application, exclusions=form)
    form.save()
    messages.success(request, "What the traffic page leaves out is saved.")
    return back_to_settings(application)


@form_of_settings
def delete_requests(request: HttpRequest, application: Application) -> HttpResponse:
    form = RequestsForm(request.POST)
    if not form.is_valid():
        return settings_page(request, application, requests=form)
    deletions.want(
        application.pk,
        before=form.moment(),
        user=form.cleaned_data["user"] or None,
        address=form.cleaned_data["ip_address"] or None,
    )
    messages.success(request, "These requests are being deleted, and what was counted of them.")
    return back_to_settings(application)
