"""What buttons of the traffic page change for everybody: hidden routes, and views by name."""

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from applications.models import Application
from dashboard.settings_page import form_of_settings
from dashboard.traffic_selection import TrafficSelection, traffic_selection
from dashboard.wording import line
from traffic import exclusions, saved_views

_LONGEST = 200  # characters of a route or a name in a sentence


class ViewForm(forms.Form):
    name = forms.CharField(max_length=60)


@form_of_settings
def hide_route(request: HttpRequest, application: Application) -> HttpResponse:
    """Leave a route out for good; a page of this route alone would be an empty one."""
    route, state = _named_route(request), _page(request)
    try:
        exclusions.hide(application.pk, route)
    except exclusions.TooManyHidden:
        most = exclusions.MOST_ROUTES
        messages.error(request, f"{most} routes are hidden. Show one again, or hide several by *.")
    else:
        messages.success(request, f"{line(route, _LONGEST)} is hidden for everybody.")
    if state.is_only(route=route):
        return _back(application, state.address(route=None, method=None))
    return _back(application, state.address())


@form_of_settings
def show_route(request: HttpRequest, application: Application) -> HttpResponse:
    route = _named_route(request)
    exclusions.show(application.pk, route)
    messages.success(request, f"{line(route, _LONGEST)} is shown again.")
    return _back(application, _page(request).address())


@form_of_settings
def save_view(request: HttpRequest, application: Application) -> HttpResponse:
    name, address = _name(request), _page(request).address()
    try:
        saved_views.save(application.pk, name, address)
    except saved_views.TooManyViews:
        most = saved_views.MOST_VIEWS
        messages.error(request, f"{most} views are saved. Delete one first.")
    else:
        messages.success(request, f"{line(name, _LONGEST)} is saved for everybody.")
    return _back(application, address)


@form_of_settings
def delete_view(request: HttpRequest, application: Application) -> HttpResponse:
    name = _name(request)
    saved_views.delete(application.pk, name)
    messages.success(request, f"{line(name, _LONGEST)} is deleted.")
    return _back(application, _page(request).address())


def _name(request: HttpRequest) -> str:
    form = ViewForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Name the view, in 60 characters at most.")
    name: str = form.cleaned_data["name"]
    return name


def _named_route(request: HttpRequest) -> str:
    route = request.POST.get("route", "")
    if not exclusions.is_route(route):
        raise BadRequest("Name a route.")
    return route


def _page(request: HttpRequest) -> TrafficSelection:
    """The page on which a button was clicked, as far as its address can be used."""
    query = QueryDict(request.POST.get("page", "").removeprefix("?"))
    state, _form = traffic_selection(query, timezone.now())
    return state


def _back(application: Application, address: str) -> HttpResponse:
    return redirect(reverse("dashboard:traffic", args=[application.pk]) + address)
