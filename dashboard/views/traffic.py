"""An application's traffic: its figures and its requests, and the requests as a file."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from applications import access
from applications.models import Application
from dashboard import exports, traffic_exclusions, traffic_exports
from dashboard.ranges import RANGES
from dashboard.traffic_parts import TrafficParts
from dashboard.traffic_selection import traffic_selection
from stats import once
from stats.asking import asking_ahead
from stats.traffic.criteria import Criteria
from traffic.models import SavedView


def traffic(request: HttpRequest, application_id: int) -> HttpResponse:
    found = access.readable_application(request.user, application_id)
    state, form = traffic_selection(request.GET, timezone.now())
    if "tidy" in request.GET and not form.errors:
        return redirect(request.path + state.address())
    with once.for_a_page(), asking_ahead():
        state = traffic_exclusions.with_saved(found, state)
        views = list(SavedView.objects.filter(application=found))
        parts = TrafficParts(found, state)
        base = {"application": found, "selection": state, "chips": state.chips()}
        context = {
            **base,
            "tab": "traffic",
            "may_write": access.may_write(request.user, found),
            "errors": form.errors,
            "left_out": traffic_exclusions.left_out(state),
            "left_out_address": state.address(everything=None if state.everything else "1"),
            "views": views,
            "compared_from": state.other.starts[0],
            "ranges": [(each, state.ranged(each.name)) for each in RANGES.values()],
            "origin": request.build_absolute_uri("/").rstrip("/"),
            **parts.context(base),
        }
        status = 400 if form.errors else 200
        return render(request, "dashboard/traffic.html", context, status=status)


def as_csv(request: HttpRequest, application_id: int) -> StreamingHttpResponse:
    found, criteria = _exported(request, application_id)
    lines = traffic_exports.csv_lines(traffic_exports.chunks(found.pk, criteria))
    return exports.attachment(lines, f"{found.name}-requests.csv", "text/csv; charset=utf-8")


def as_ndjson(request: HttpRequest, application_id: int) -> StreamingHttpResponse:
    found, criteria = _exported(request, application_id)
    lines = traffic_exports.ndjson_lines(traffic_exports.chunks(found.pk, criteria))
    return exports.attachment(lines, f"{found.name}-requests.ndjson", "application/x-ndjson")


def _exported(request: HttpRequest, application_id: int) -> tuple[Application, Criteria]:
    found = access.readable_application(request.user, application_id)
    state, form = traffic_selection(request.GET, timezone.now())
    if form.errors:
        raise BadRequest("The address has a filter that can't be used.")
    return found, traffic_exclusions.with_saved(found, state).listed
