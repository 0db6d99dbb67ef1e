"""The REST API of events: send them with an ingest key, list and look at them as a reader."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from applications import access
from events.models import Event
from events.output import output
from events.records import LEVELS
from events.serializers import BatchOutput, EventInput, EventOutput
from ingest import examples
from ingest.protocols import native
from ingest.receiving import SENDING_KEY, SendingViewSet, one_of
from loghandler.api import CURSOR_PROPERTIES, OffsetPagination, check, window
from loghandler.openapi import APP_ID, refusals
from stats.listing import listed
from stats.parameters import EventsForm

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


class EventPagination(OffsetPagination):
    """Offsets, and a cursor beside them that is as fast on the thousandth page as on the first."""

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        page["properties"] |= CURSOR_PROPERTIES
        return page


@extend_schema(tags=["Events"], parameters=[APP_ID])
class EventViewSet(SendingViewSet[Event]):
    protocol = native
    queryset = Event.objects.none()
    serializer_class = EventOutput
    filter_backends = []
    pagination_class = EventPagination
    lookup_field = "pk"

    @extend_schema(
        summary="List events, newest first",
        parameters=_FILTERS,
        responses={200: EventOutput(many=True), **refusals(400, 401, 404, 503)},
        examples=[examples.LISTED],
    )
    def list(self, request: Request, app_id: str) -> Response:
        application = access.readable_application(request.user, app_id)
        form = EventsForm(request.query_params)
        check(form)
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
        parameters=[SENDING_KEY],
        auth=[],
        request={
            "application/json": one_of("Events", EventInput, EventInput(many=True)),
            "application/x-ndjson": OpenApiTypes.STR,
        },
        responses={
            201: OpenApiResponse(one_of("Sent", EventOutput, BatchOutput), "Stored."),
            **refusals(400, 401, 403, 404, 413, 415, 429, 503),
        },
        examples=examples.SENT,
    )
    def create(self, request: Request, app_id: str) -> HttpResponse:
        return self.receive(request, app_id)
