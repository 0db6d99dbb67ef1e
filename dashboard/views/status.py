"""The public status page and its badges: for everybody, without a session or a cookie."""

from collections import OrderedDict
from datetime import UTC, datetime
from threading import Lock

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

_MOST_PAGES = 4  # that a process keeps: one of 200 monitors takes 1.5 MB
_pages: OrderedDict[tuple[object, ...], str] = OrderedDict()
_rendering = Lock()
_public = cache_control(public=True, max_age=SECONDS)


@require_safe
@_public
def page(request: HttpRequest, address: str) -> HttpResponse:
    return _unlisted(HttpResponse(_rendered(_published(address), timezone.now())))


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


def _rendered(found: StatusPage, now: datetime) -> str:
    """The same for everybody: without the request, in UTC.

    Anybody may ask, as often as they like: it is rendered once in SECONDS, and at once where a
    state, or what is published, has changed.
    """
    monitors = found.monitors.filter(application=found.application_id).order_by("pk")
    states = monitors.values_list("pk", "name", "state", "state_since", "paused")
    own = found.pk, found.address, found.title, found.durations
    key = (*own, now.timestamp() // SECONDS, *states)
    with _rendering:
        if key not in _pages:
            with timezone.override(UTC):
                context = {"page": public_status(found, now), "address": found.address}
                _pages[key] = render_to_string("status/page.html", context)
            while len(_pages) > _MOST_PAGES:
                _pages.popitem(last=False)
        return _pages[key]


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
