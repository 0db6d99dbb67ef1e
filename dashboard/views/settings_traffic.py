"""Settings of an application's requests: what is kept and shown of them, and which are to go."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from applications.models import Application
from dashboard.settings_forms import ExclusionsForm, RequestsForm, TrafficForm
from dashboard.settings_page import back_to_settings, form_of_settings, settings_page
from dashboard.traffic_selection import traffic_selection
from dashboard.wording import line
from stats.traffic import deletions
from traffic import exclusions, policies


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
def hide_route(request: HttpRequest, application: Application) -> HttpResponse:
    """Leave a route out for good; back to the page on which that was clicked."""
    route = _named_route(request)
    try:
        exclusions.hide(application.pk, route)
    except exclusions.TooManyHidden:
        most = exclusions.MOST_ROUTES
        messages.error(request, f"{most} routes are hidden. Show one again, or hide several by *.")
    else:
        messages.success(request, f"{line(route, 200)} is hidden for everybody.")
    return _back_to_traffic(request, application, route)


@form_of_settings
def show_route(request: HttpRequest, application: Application) -> HttpResponse:
    route = _named_route(request)
    exclusions.show(application.pk, route)
    messages.success(request, f"{line(route, 200)} is shown again.")
    return _back_to_traffic(request, application, route)


def _named_route(request: HttpRequest) -> str:
    route = request.POST.get("route", "")
    if not exclusions.is_route(route):
        raise BadRequest("Name a route.")
    return route


def _back_to_traffic(request: HttpRequest, application: Application, route: str) -> HttpResponse:
    """The page as it was; not filtered by the route, of which there is nothing to see there."""
    query = QueryDict(request.POST.get("page", "").removeprefix("?"))
    state, _form = traffic_selection(query, timezone.now())
    if state.is_only(route=route):
        address = state.address(route=None, method=None)
    else:
        address = state.address()
    return redirect(reverse("dashboard:traffic", args=[application.pk]) + address)


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
