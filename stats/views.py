"""What API Analytics' server answers to readers: its Data API, and what its dashboard asks for.

https://github.com/tom-draper/api-analytics (MIT), read and run at eae354e0; its shapes, with a read
key for its API key. Wrong values are told instead of ignored.
"""

import secrets
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotFound,
    JsonResponse,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import APIException

from applications import creation
from applications.authentication import working_key
from applications.models import Key
from events.records import EPOCH
from stats.traffic import data_pages, deletions
from stats.traffic.criteria import Criteria
from stats.traffic.data_parameters import DataForm
from traffic.models import Request
from traffic.output import user_agents

DATA_PAGE = 50_000
# Their dashboard asks for the next page while one has 200,000 rows or more.
DASHBOARD_PAGE = 250_000
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "content-type, x-auth-token, api-key",
    "Access-Control-Max-Age": "86400",
}
View = Callable[..., HttpResponseBase]


def refused(status: int, message: str) -> JsonResponse:
    return JsonResponse({"message": message, "status": status}, status=status)


def _reading(view: View) -> View:
    """A view that is asked with GET, from pages of any site, by whoever has a key."""

    @csrf_exempt
    def asked(request: HttpRequest, **path: str) -> HttpResponseBase:
        if request.method == "OPTIONS":
            response: HttpResponseBase = HttpResponse(status=204)
        elif request.method not in {"GET", "HEAD"}:
            response = HttpResponseNotFound("404 page not found", content_type="text/plain")
        else:
            try:
                response = view(request, **path)
            except APIException as error:
                response = refused(error.status_code, str(error.detail))
        if "HTTP_ORIGIN" in request.META:
            for name, value in _CORS.items():
                response[name] = value
        return response

    return asked


def _application(secret: str) -> int:
    """The application that a read key opens. Raises AuthenticationFailed."""
    return working_key(secret, Key.READ).application_id


@_reading
def data(request: HttpRequest) -> HttpResponseBase:
    """GET /api/data: rows as JSON objects, or with `compact=true` as lists below their names."""
    secret = request.headers.get("X-Auth-Token") or request.headers.get("Api-Key")
    if not secret:
        return refused(401, "Send the application's read key as X-AUTH-TOKEN.")
    application_id = _application(secret)
    form = DataForm(request.GET.dict())
    if not form.is_valid():
        return refused(400, form.reason())
    page, compact = form.cleaned_data["page"], form.cleaned_data["compact"]
    chunks = data_pages.chunks(application_id, form.criteria(), page=page, size=DATA_PAGE)
    return _streamed(_rows(chunks, compact=compact))


def _rows(chunks: Iterator[list[Request]], *, compact: bool) -> Iterator[bytes]:
    before = b"["
    if compact:
        before += msgspec.json.encode(data_pages.FIELDS)
    between = b"," if compact else b""
    for chunk in chunks:
        rows: list[Any] = list(data_pages.values(chunk))
        if not compact:
            rows = [dict(zip(data_pages.FIELDS, row, strict=True)) for row in rows]
        yield before + between + msgspec.json.encode(rows)[1:-1]
        before, between = b"", b","
    yield before + b"]"


@_reading
def user_id(request: HttpRequest, key: str) -> HttpResponseBase:
    """GET /api/user-id/<key>: what their dashboard asks for requests with; here the key itself."""
    _application(key)
    return JsonResponse(str(UUID(key)), safe=False)


@_reading
def requests(request: HttpRequest, user_id: str, page: str = "") -> HttpResponseBase:
    """GET /api/requests/<id>/<page>: a page of their dashboard's rows."""
    application_id = _application(user_id)
    number = page or request.GET.get("page", "1")
    if not number.isascii() or not number.isdecimal() or not 0 < int(number[:18]) < 10**9:
        return refused(400, "Invalid page number.")
    chunks = data_pages.chunks(
        application_id, Criteria(EPOCH), page=int(number), size=DASHBOARD_PAGE
    )
    return _streamed(_positional(chunks))


def _positional(chunks: Iterator[list[Request]]) -> Iterator[bytes]:
    agents: dict[str, str] = {}
    before = b'{"requests":['
    for chunk in chunks:
        found = user_agents(chunk).items()
        agents |= {data_pages.agent_number(n): text for n, text in found if n is not None}
        yield before + msgspec.json.encode(list(data_pages.positional(chunk)))[1:-1]
        before = b","
    yield (before if before != b"," else b"") + b'],"user_agents":'
    yield msgspec.json.encode(agents) + b"}"


def _streamed(pieces: Iterator[bytes]) -> StreamingHttpResponse:
    return StreamingHttpResponse(pieces, content_type="application/json; charset=utf-8")


@_reading
def health(request: HttpRequest) -> HttpResponseBase:
    return JsonResponse({"status": "healthy"})


@csrf_exempt
def delete(request: HttpRequest, key: str | None = None) -> HttpResponseBase:
    """POST /api/delete: delete the requests of the application that the read key opens.

    GET /api/delete/<key>, as theirs, only where LOGHANDLER_API_ANALYTICS_DELETE_BY_GET allows it:
    keys in paths end in logs, and a GET is repeated by whoever sees it.
    """
    by_get = request.method == "GET" and key and settings.API_ANALYTICS_DELETE_BY_GET
    if not by_get and request.method != "POST":
        return HttpResponseNotFound("404 page not found", content_type="text/plain")
    try:
        application_id = _application(key or request.headers.get("X-Auth-Token", ""))
    except APIException as error:
        return refused(error.status_code, str(error.detail))
    deletions.want(application_id)
    return JsonResponse({"message": "Account data deleted successfully.", "status": 200})


@_reading
def generate(request: HttpRequest) -> HttpResponseBase:
    """GET /api/generate: an application and its ingest key, for anyone; off unless
    LOGHANDLER_API_ANALYTICS_GENERATE is set.
    """
    if not settings.API_ANALYTICS_GENERATE:
        return HttpResponseNotFound("404 page not found", content_type="text/plain")
    created = creation.create(f"api-{secrets.token_hex(4)}")
    return JsonResponse(str(UUID(created.ingest_key)), safe=False)
