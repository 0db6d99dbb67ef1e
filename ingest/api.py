"""The REST API of events: send them with an ingest key, list and look at them as a reader."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django_filters.utils import translate_validation
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from drf_spectacular.utils import PolymorphicProxySerializer as OneOf
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from applications import access
from applications.authentication import RestAuthentication
from applications.key_cache import CachedKey
from events.models import Event
from events.output import output
from events.records import LEVELS
from events.serializers import BatchOutput, EventInput, EventOutput
from ingest import body, examples, pipeline, refused_answers
from ingest.auth import IngestKeyAuthentication, check_application, sent_key
from ingest.group_commit import Busy, TooManyWaiting
from ingest.protocols import native
from ingest.refusals import Refusal
from loghandler.api import OffsetPagination, window
from loghandler.openapi import refusals
from stats.listing import listed
from stats.parameters import EventsForm

_APP_ID = OpenApiParameter("app_id", OpenApiTypes.INT64, "path", description="The application.")
_KEY = OpenApiParameter(
    "X-INGEST-KEY", str, "header", required=True, description="The application's ingest key."
)
_FILTERS = [
    OpenApiParameter("since", OpenApiTypes.DATETIME, description="Received at or after this time."),
    OpenApiParameter("until", OpenApiTypes.DATETIME, description="Received before this time."),
    OpenApiParameter(
        "level", str, enum=list(LEVELS), many=True, description="One level or several."
    ),
    OpenApiParameter(
        "min_level", str, enum=list(LEVELS), description="This level or a more severe one."
    ),
    OpenApiParameter("q", str, description="A part of the message, in any case."),
    OpenApiParameter("tag", str, many=True, description="name:value; repeat it for several."),
    OpenApiParameter("environment", str),
    OpenApiParameter("release", str),
    OpenApiParameter("logger", str),
    OpenApiParameter("cursor", OpenApiTypes.UUID, description="`next_cursor` of the page before."),
]
# An ingest key may sit in a page: pages of any site may send with it, and read the answer.
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "content-type, content-encoding, x-ingest-key",
    "Access-Control-Expose-Headers": "retry-after",
    "Access-Control-Max-Age": "86400",
}


def _one_of(name: str, *serializers: Any) -> OneOf:
    return OneOf(name, serializers=list(serializers), resource_type_field_name=None, many=False)


class EventPagination(OffsetPagination):
    """Offsets, and a cursor beside them that is as fast on the thousandth page as on the first."""

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        page["properties"]["next_cursor"] = {
            "type": "string",
            "format": "uuid",
            "nullable": True,
            "example": examples.STORED["id"],
            "description": "The `cursor` of the next page; null at the end.",
        }
        page["properties"]["searched_until"] = {
            "type": "string",
            "format": "date-time",
            "nullable": True,
            "example": None,
            "description": "How far back was looked, where the page ends before it is full because "
            "what is asked for is rare; `next_cursor` goes on from there. Otherwise null.",
        }
        return page


@extend_schema(tags=["Events"], parameters=[_APP_ID])
class EventViewSet(GenericViewSet[Event]):
    queryset = Event.objects.none()
    serializer_class = EventOutput
    filter_backends = []
    pagination_class = EventPagination
    lookup_field = "pk"

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

    @extend_schema(
        summary="List events, newest first",
        parameters=_FILTERS,
        responses={200: EventOutput(many=True), **refusals(400, 401, 404, 503)},
        examples=[examples.LISTED],
    )
    def list(self, request: Request, app_id: str) -> Response:
        application = access.readable_application(request.user, app_id)
        form = EventsForm(request.query_params)
        if not form.is_valid():
            raise translate_validation(form.errors)
        limit, offset = window(request)
        page = listed(
            application.pk,
            form.criteria(),
            before=form.cleaned_data["cursor"],
            limit=limit,
            offset=offset,
        )
        more = page.next is not None and page.searched_until is None
        return Response(
            {
                "items": [output(event) for event in page.events],
                "next_offset": offset + limit if more else None,
                "next_cursor": page.next,
                "searched_until": page.searched_until,
            }
        )

    @extend_schema(
        summary="Show an event",
        parameters=[OpenApiParameter("event_id", OpenApiTypes.UUID, "path")],
        responses={200: EventOutput, **refusals(401, 404, 503)},
        examples=[examples.SHOWN],
    )
    def retrieve(self, request: Request, app_id: str, event_id: str) -> Response:
        application = access.readable_application(request.user, app_id)
        try:
            event = Event.objects.of(application.pk).identified(UUID(event_id)).first()
        except ValueError:
            event = None
        if event is None:
            raise Http404("There is no such event.")
        return Response(output(event))

    @extend_schema(
        summary="Send events",
        description=examples.SENDING,
        parameters=[_KEY],
        auth=[],
        request={
            "application/json": _one_of("Events", EventInput, EventInput(many=True)),
            "application/x-ndjson": OpenApiTypes.STR,
        },
        responses={
            201: OpenApiResponse(_one_of("Sent", EventOutput, BatchOutput), "Stored."),
            **refusals(400, 401, 403, 404, 413, 415, 429, 503),
        },
        examples=examples.SENT,
    )
    def create(self, request: Request, app_id: str) -> HttpResponse:
        key: CachedKey = request.auth  # type: ignore[assignment]
        application_id = check_application(key, app_id)
        return receive(request._request, application_id)  # noqa: SLF001  DRF would parse the body

    def finalize_response(self, request: Request, response: Any, *args: Any, **kw: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kw)
        if request.method in {"POST", "OPTIONS"}:
            _allow_pages(request, response)
        return response


def stored(request: HttpRequest, app_id: str) -> HttpResponse | None:
    """The answer to what is sent with a good key, without DRF, which costs more than the storing.

    None where the key does not open the application: DRF has the words for it.
    """
    try:
        application_id = check_application(sent_key(request), app_id)
    except (APIException, Http404):
        return None
    response = receive(request, application_id)
    _allow_pages(request, response)
    return response


def _allow_pages(request: HttpRequest | Request, response: Any) -> None:
    if "HTTP_ORIGIN" in request.META:  # a page asks: its browser looks at these
        for name, value in _CORS.items():
            response[name] = value


def receive(request: HttpRequest, application_id: int) -> HttpResponse:
    """Read, store and answer a body of the native protocol."""
    limits = native.Limits(events=settings.MAX_BATCH_EVENTS, event_bytes=settings.MAX_EVENT_BYTES)
    try:
        content = body.read(
            request,
            length=request.META.get("CONTENT_LENGTH") or "",
            encoding=request.META.get("HTTP_CONTENT_ENCODING", ""),
            cap=settings.MAX_BODY_BYTES,
        )
        batch = native.parse(content, request.META.get("CONTENT_TYPE", ""), limits)
        outcome = pipeline.accept(application_id, batch)
        status, answer = native.answer(batch, outcome)
        if outcome.rejected and not batch.single:
            refused_answers.note_items(request, application_id, outcome.rejected)
    except Refusal as refusal:
        status, answer = refusal.status, native.refusal_json(refusal.errors)
    except Busy as busy:
        status = 429 if isinstance(busy, TooManyWaiting) else 503
        answer = native.refusal_json({"detail": [str(busy)]})
    response = HttpResponse(answer, content_type="application/json", status=status)
    if status in {429, 503}:
        response["Retry-After"] = str(Busy.retry_after)
    return response
