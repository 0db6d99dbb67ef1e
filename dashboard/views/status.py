"""The public status page and its badges: for everybody, without a session or a cookie."""

from datetime import UTC

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from dashboard.badges import Badge, badge
from dashboard.monitor_states import state
from dashboard.status_page import (
    overall,
    public_status,
    published,
    shown_monitors,
    uptime_of_days,
)
from monitors.models import StatusPage

SECONDS = 15  # for which browsers and proxies may keep it

_public = cache_control(public=True, max_age=SECONDS)


@require_safe
@_public
def page(request: HttpRequest, address: str) -> HttpResponse:
    """The same for everybody: rendered without the request, in UTC."""
    found = _published(address)
    with timezone.override(UTC):
        context = {"page": public_status(found, timezone.now()), "address": address}
        html = render_to_string("status/page.html", context)
    return _unlisted(HttpResponse(html))


@require_safe
@_public
def badge_of_all(request: HttpRequest, address: str, form: str) -> HttpResponse:
    found = _published(address)
    worst = overall([state(monitor) for monitor in shown_monitors(found)])
    return _answer(badge(found.title, worst.word, "", worst.mark), form)


@require_safe
@_public
def badge_of_one(request: HttpRequest, address: str, monitor_id: int, form: str) -> HttpResponse:
    found = _published(address)
    monitor = found.monitors.filter(application=found.application_id, pk=monitor_id).first()
    if monitor is None:
        raise Http404("It is not published.")
    now = state(monitor)
    uptime = uptime_of_days(monitor, timezone.now())
    return _answer(badge(monitor.name, now.word, uptime, now.mark), form)


def _published(address: str) -> StatusPage:
    found = published(address)
    if found is None:
        raise Http404("There is no such page.")
    return found


def _answer(shown: Badge, form: str) -> HttpResponse:
    if form == "json":
        return _unlisted(JsonResponse(shown.endpoint()))
    return _unlisted(HttpResponse(shown.svg(), content_type="image/svg+xml"))


def _unlisted(answer: HttpResponse) -> HttpResponse:
    answer["X-Robots-Tag"] = "noindex"
    return answer
