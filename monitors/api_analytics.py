"""The monitors of API Analytics' dashboard: /api/monitor/add, /delete and /pings/<id>.

https://github.com/tom-draper/api-analytics (MIT), read at eae354e0: its words and shapes, with a
read key for its user id. A host that is down is told with status 0, which theirs never stores.
"""

import json
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import APIException

from applications.authentication import working_key
from applications.models import Application, Key
from loghandler.outbound.http import without_credentials
from monitors import changes
from monitors.models import Check, Monitor
from monitors.records import HttpTarget

INTERVAL_SECONDS = 1_800  # as theirs
KEPT = timedelta(days=60)  # of pings, as theirs
TAG = "api-analytics"  # of the monitors that came this way
MOST_BYTES = 10_000
# The last check of each half hour, which their page takes a ping for; all of those that are seldom.
# By the primary key of checks. One of every 10 seconds would be half a million pings.
_PINGS = """
    SELECT DISTINCT ON (checks.monitor_id, step)
        date_bin(
            CASE WHEN interval_seconds < %(step)s THEN %(step)s ELSE 1 END * interval '1 second',
            checks.checked_at, timestamptz '2000-01-01 00:00Z'
        ) AS step, checks.*
    FROM monitors_check checks
    JOIN monitors_monitor monitors
        ON monitors.application_id = checks.application_id AND monitors.id = checks.monitor_id
    WHERE checks.application_id = %(application)s AND checks.checked_at >= %(since)s
        AND monitors.kind = 'http'
    ORDER BY checks.monitor_id, step, checks.checked_at DESC
"""
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "content-type",
    "Access-Control-Max-Age": "86400",
}


class Refused(Exception):
    """In their words, with a status."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


def _asked(method: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A view for pages of any site, whose refusals are theirs."""

    def decorated(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @csrf_exempt
        def answered(request: HttpRequest, **path: str) -> HttpResponse:
            try:
                if request.method == "OPTIONS":
                    response = HttpResponse(status=204)
                elif request.method != method:
                    response = HttpResponseNotFound("404 page not found", content_type="text/plain")
                else:
                    response = view(request, **path)
            except (Refused, APIException) as error:
                status = error.status if isinstance(error, Refused) else error.status_code
                response = _message(status, str(error))
            if "HTTP_ORIGIN" in request.META:
                for name, value in _CORS.items():
                    response[name] = value
            return response

        return answered

    return decorated


@_asked("POST")
def add(request: HttpRequest) -> HttpResponse:
    body = _body(request)
    application, url = _application(body), _url(body)
    if body.get("secure") is not None and "://" not in url:
        url = f"{'https' if body['secure'] else 'http'}://{url}"
    if _of(application, url):
        raise Refused(409, "Monitor already exists.")
    target = HttpTarget(url, "HEAD" if body.get("ping") else "GET")
    try:
        changes.create(
            application, _name(url), target, interval_seconds=INTERVAL_SECONDS, tags=[TAG]
        )
    except ValidationError as error:
        raise Refused(409, "Monitor already exists.") from error
    except ValueError as error:
        raise Refused(400, str(error)) from error
    return _message(201, "New monitor created successfully.")


@_asked("POST")
def delete(request: HttpRequest) -> HttpResponse:
    body = _body(request)
    application, url = _application(body), _url(body)
    found = _of(application, url)
    if any(TAG not in monitor.tags for monitor in found):  # over REST, a read key changes nothing
        raise Refused(403, "This monitor was made elsewhere: delete it in Log Handler.")
    for monitor in found:
        changes.delete(monitor)
    return _message(201, "Monitor deleted successfully.")


@_asked("GET")
def pings(request: HttpRequest, user_id: str) -> HttpResponse:
    """Address → its checks, oldest first; one that has none yet is there, too."""
    application_id = working_key(user_id, Key.READ).application_id
    monitors = Monitor.objects.filter(application_id=application_id, kind="http")
    urls = {each.pk: without_credentials(each.target["url"]) for each in monitors}
    since = timezone.now() - KEPT
    asked = {"application": application_id, "since": since, "step": INTERVAL_SECONDS}
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for check in Check.objects.raw(_PINGS, asked):
        if check.monitor_id in urls:  # it may have been made meanwhile
            found[urls[check.monitor_id]].append(
                {
                    "response_time": round(check.duration_ms or 0),
                    "status": check.status or 0,
                    "created_at": check.checked_at,
                }
            )
    return JsonResponse({url: found[url] for url in urls.values()})


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.read(MOST_BYTES))
    except (ValueError, OSError) as error:
        raise Refused(400, "Invalid request body.") from error
    if not isinstance(body, dict):
        raise Refused(400, "Invalid request body.")
    return body


def _application(body: dict[str, Any]) -> Application:
    if not body.get("user_id"):
        raise Refused(400, "User ID required.")
    if not isinstance(body["user_id"], str):
        raise Refused(400, "Invalid data.")
    return Application.objects.get(pk=working_key(body["user_id"], Key.READ).application_id)


def _url(body: dict[str, Any]) -> str:
    url = body.get("url")
    if not isinstance(url, str) or not url.strip() or not url.isprintable():
        raise Refused(400, "Invalid data.")
    return url.strip()


def _of(application: Application, url: str) -> list[Monitor]:
    """Their page names an address with or without its scheme."""
    urls = [url, f"https://{url}", f"http://{url}"]
    return list(application.monitors.filter(kind="http", target__url__in=urls))


def _name(url: str) -> str:
    return url.partition("://")[2][:100]


def _message(status: int, words: str) -> JsonResponse:
    return JsonResponse({"message": words, "status": status}, status=status)
