"""An application's traffic: its figures and its requests, and the requests as a file."""

from collections.abc import Mapping

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from applications import access
from applications.models import Application
from dashboard import exports, shared_axis, traffic_exclusions, traffic_exports, traffic_rows
from dashboard.arrivals import WAITING_SECONDS
from dashboard.ranges import RANGES
from dashboard.traffic_figures import TrafficFigures
from dashboard.traffic_selection import TrafficSelection, traffic_selection
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


class TrafficParts:
    """What the page is made of: asked for at once, what takes long as the last."""

    def __init__(self, application: Application, state: TrafficSelection) -> None:
        self._application, self._state = application, state
        self._beside = shared_axis.errors_beside.ahead(application, state)
        self._figures = TrafficFigures(application, state)
        self._listing = traffic_rows.listing.ahead(application, state)
        self._values = traffic_rows.values.ahead(self._figures)
        self._routes = traffic_rows.routes.ahead(application, state)
        self._figures.ask_before()
        self._users = traffic_rows.users.ahead(application, state)

    def context(self, base: Mapping[str, object]) -> dict[str, object]:
        """The parts; of an application that has no request yet, that it is empty.

        Two are rendered while PostgreSQL still works on others; the template calls for what is not
        read here, when it comes to it.
        """
        figures = self._figures
        if not figures.now.requests and traffic_rows.is_empty(self._application):
            return {"empty": True, "refresh": WAITING_SECONDS}
        measured = {
            "refresh": 60 if self._state.is_filtered else 10,
            "chart": figures.chart,
            "beside": self._beside(),
            "against": figures.against,
            "too_long_ago": figures.too_long_ago,
            "durations": figures.distribution(),
            "strip": figures.strip(),
            "week": figures.week(),
            "listing": _rendered("list", {**base, "listing": self._listing()}),
            "values": _rendered("values", {"values": self._values()}),
        }
        self._routes.ask_on()
        return {
            **measured,
            "tiles": lambda: figures.tiles(self._users().distinct),
            "routes": self._routes,
            "users": self._users,
        }


def _rendered(part: str, context: dict[str, object]) -> SafeString:
    return render_to_string(f"dashboard/components/_traffic_{part}.html", context)


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
