"""Receives what programs send over REST with an ingest key: reads, stores, answers."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import PolymorphicProxySerializer as OneOf
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from applications.authentication import RestAuthentication
from applications.key_cache import CachedKey
from ingest import body, pipeline, refused_answers
from ingest.auth import IngestKeyAuthentication, check_application, sent_key
from ingest.group_commit import DATABASE_AWAY, Busy, TooManyWaiting
from ingest.protocols.json_items import Limits
from ingest.protocols.native import refusal_json
from ingest.records import Batch, Outcome
from ingest.refusals import Refusal

SENDING_KEY = OpenApiParameter(
    "X-INGEST-KEY", str, "header", required=True, description="The application's ingest key."
)
# An ingest key may sit in a page: pages of any site may send with it, and read the answer.
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "content-type, content-encoding, x-ingest-key",
    "Access-Control-Expose-Headers": "retry-after",
    "Access-Control-Max-Age": "86400",
}

Row = TypeVar("Row", bound=Model)


def one_of(name: str, *serializers: Any) -> OneOf:
    return OneOf(name, serializers=list(serializers), resource_type_field_name=None, many=False)


class JsonProtocol(Protocol):
    """A module of `ingest.protocols` that speaks the REST API's JSON."""

    def parse(self, body: bytes, content_type: str, limits: Limits) -> Batch: ...
    def answer(self, batch: Batch, outcome: Outcome) -> tuple[int, bytes]: ...


class SendingViewSet(GenericViewSet[Row]):
    """POST takes an ingest key, everything else a reader's credentials."""

    protocol: Any  # a JsonProtocol

    def get_authenticators(self) -> list[BaseAuthentication]:
        method = self._method()
        if method == "OPTIONS":
            return []  # a browser asks without credentials whether it may send them
        return [IngestKeyAuthentication() if method == "POST" else RestAuthentication()]

    def get_permissions(self) -> list[BasePermission]:
        return [] if self._method() in {"POST", "OPTIONS"} else [IsAuthenticated()]

    def _method(self) -> str | None:
        request: Request | None = self.request  # None where the OpenAPI document is made
        return request.method if request else {"create": "POST"}.get(self.action or "")

    def receive(self, request: Request, app_id: str) -> HttpResponse:
        key: CachedKey = request.auth  # type: ignore[assignment]
        application_id = check_application(key, app_id)
        return receive(self.protocol, request._request, application_id)  # noqa: SLF001  DRF would parse the body

    def finalize_response(self, request: Request, response: Any, *args: Any, **kw: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kw)
        if request.method in {"POST", "OPTIONS"}:
            _allow_pages(request, response)
        return response


def shortly(protocol: JsonProtocol) -> Callable[[HttpRequest, str], HttpResponse | None]:
    """What answers those who send with a good key, without DRF, which costs more than the storing.

    It returns None where the key does not open the application: DRF has the words for it.
    """

    def answer(request: HttpRequest, app_id: str) -> HttpResponse | None:
        try:
            application_id = check_application(sent_key(request), app_id)
        except (APIException, Http404):
            return None
        except (OperationalError, InterfaceError):  # of a key that this process does not remember
            response = json_response(503, refusal_json({"detail": [DATABASE_AWAY]}))
        else:
            response = receive(protocol, request, application_id)
        _allow_pages(request, response)
        return response

    return answer


def _allow_pages(request: HttpRequest | Request, response: Any) -> None:
    if "HTTP_ORIGIN" in request.META:  # a page asks: its browser looks at these
        for name, value in _CORS.items():
            response[name] = value


def receive(protocol: JsonProtocol, request: HttpRequest, application_id: int) -> HttpResponse:
    """Read, store and answer a body."""
    limits = Limits(settings.MAX_BATCH_EVENTS, settings.MAX_EVENT_BYTES)
    try:
        batch = protocol.parse(content(request), request.META.get("CONTENT_TYPE", ""), limits)
        outcome = pipeline.accept(application_id, batch)
        status, answer = protocol.answer(batch, outcome)
        if outcome.rejected and not batch.single:
            refused_answers.note_items(request, application_id, outcome.rejected)
    except Refusal as refusal:
        status, answer = refusal.status, refusal_json(refusal.errors)
    except Busy as busy:
        status, answer = busy_status(busy), refusal_json({"detail": [str(busy)]})
    return json_response(status, answer)


def content(request: HttpRequest) -> bytes:
    """The body of a request, inflated. Raises Refusal."""
    return body.read(
        request,
        length=request.META.get("CONTENT_LENGTH") or "",
        encoding=request.META.get("HTTP_CONTENT_ENCODING", ""),
        cap=settings.MAX_BODY_BYTES,
    )


def busy_status(busy: Busy) -> int:
    return 429 if isinstance(busy, TooManyWaiting) else 503


def json_response(status: int, answer: bytes) -> HttpResponse:
    response = HttpResponse(answer, content_type="application/json", status=status)
    if status in {429, 503}:
        response["Retry-After"] = str(Busy.retry_after)
    return response
