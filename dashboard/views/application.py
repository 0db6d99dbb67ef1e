"""An application's page: its figures and its events, and the events as a file."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from applications import access
from applications.models import Application
from dashboard import exports, shared_axis
from dashboard.event_rows import listing
from dashboard.figures import figures
from dashboard.ranges import RANGES
from dashboard.selection import Selection, selection
from events.records import LEVEL_NAMES
from ingest import refusal_log
from stats import once
from stats.cover import DAY
from stats.finding import Criteria
from stats.messages import message_text


def application(request: HttpRequest, application_id: int) -> HttpResponse:
    found = access.readable_application(request.user, application_id)
    now = timezone.now()
    state, form = selection(request.GET, now)
    if "tidy" in request.GET and not form.errors:
        return redirect(request.path + state.address())
    with once.for_a_page():
        message = _text(found, state)
        listed = listing(found, state, message)
        counted = figures(found, state, message, listed.newest)
        beside = None if listed.never else shared_axis.requests_beside(found, state)
    context = {
        "application": found,
        "tab": "events",
        "may_write": access.may_write(request.user, found),
        "selection": state,
        "errors": form.errors,
        "message": message,
        "figures": counted,
        "beside": beside,
        "listing": listed,
        "chips": state.chips(message),
        "ranges": [(each, state.ranged(each.name)) for each in RANGES.values()],
        "levels": LEVEL_NAMES.values(),
        "refused": refusal_log.refused_count(found.pk, now - DAY),
    }
    status = 400 if form.errors else 200
    return render(request, "dashboard/application.html", context, status=status)


def as_csv(request: HttpRequest, application_id: int) -> StreamingHttpResponse:
    found, criteria = _exported(request, application_id)
    lines = exports.csv_lines(exports.events(found.pk, criteria, whole=False))
    return exports.attachment(lines, f"{found.name}.csv", "text/csv; charset=utf-8")


def as_ndjson(request: HttpRequest, application_id: int) -> StreamingHttpResponse:
    found, criteria = _exported(request, application_id)
    lines = exports.ndjson_lines(exports.events(found.pk, criteria, whole=True))
    return exports.attachment(lines, f"{found.name}.ndjson", "application/x-ndjson")


def _exported(request: HttpRequest, application_id: int) -> tuple[Application, Criteria]:
    found = access.readable_application(request.user, application_id)
    state, form = selection(request.GET, timezone.now())
    if form.errors:
        raise BadRequest("The address has a filter that can't be used.")
    return found, state.criteria(_text(found, state))


def _text(application: Application, state: Selection) -> str | None:
    """The text of the selected message: "" of one that is not stored any more."""
    if state.message is None:
        return None
    return message_text(application.pk, state.message) or ""
