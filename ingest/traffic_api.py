"""The REST API of requests: send them with an ingest key, list and look at them as a reader."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request as RestRequest
from rest_framework.response import Response

from applications import access
from events.serializers import BatchOutput
from ingest import traffic_examples
from ingest.protocols import native_requests
from ingest.receiving import SENDING_KEY, SendingViewSet, one_of
from loghandler.api import CursorPagination, check, window
from loghandler.openapi import APP_ID, refusals
from stats.traffic import deletions
from stats.traffic.listing import listed
from stats.traffic.openapi import DELETING, FILTERS
from stats.traffic.parameters import DeletionForm, RequestsForm
from traffic.models import Request
from traffic.output import outputs
from traffic.serializers import RequestInput, RequestOutput, WantedDeletionOutput


@extend_schema(tags=["Requests"], parameters=[APP_ID])
class RequestViewSet(SendingViewSet[Request]):
    protocol = native_requests
    queryset = Request.objects.none()
    serializer_class = RequestOutput
    filter_backends = []
    pagination_class = CursorPagination
    lookup_field = "pk"

    @extend_schema(
        summary="List requests, newest first",
        parameters=FILTERS,
        responses={200: RequestOutput(many=True), **refusals(400, 401, 404, 503)},
        examples=[traffic_examples.LISTED],
    )
    def list(self, request: RestRequest, app_id: str) -> Response:
        application = access.readable_application(request.user, app_id)
        form = RequestsForm(request.query_params)
        check(form)
        limit, _ = window(request)
        page = listed(
            application.pk, form.criteria(), before=form.cleaned_data["cursor"], limit=limit
        )
        return Response(
            {
                "items": outputs(page.requests),
                "next_cursor": page.next,
                "searched_until": page.searched_until,
            }
        )

    @extend_schema(
        summary="Show a request",
        parameters=[OpenApiParameter("request_id", OpenApiTypes.UUID, "path")],
        responses={200: RequestOutput, **refusals(401, 404, 503)},
        examples=[traffic_examples.SHOWN],
    )
    def retrieve(self, request: RestRequest, app_id: str, request_id: str) -> Response:
        application = access.readable_application(request.user, app_id)
        try:
            found: Any = Request.objects.of(application.pk).identified(UUID(request_id)).first()
        except ValueError:
            found = None
        if found is None:
            raise Http404("There is no such request.")
        return Response(outputs([found])[0])

    @extend_schema(
        summary="Delete requests",
        description="Of an application that you may change: those before a time, of a user, of an "
        "address, or with `all=true` all that have occurred. They go within minutes.",
        parameters=DELETING,
        responses={202: WantedDeletionOutput, **refusals(400, 401, 403, 404, 503)},
    )
    def destroy(self, request: RestRequest, app_id: str) -> Response:
        application = access.writable_application(request.user, app_id)
        form = DeletionForm(request.query_params)
        check(form)
        asked = form.cleaned_data
        wanted = deletions.want(
            application.pk,
            before=asked["before"],
            user=asked["user"] or None,
            address=asked["ip_address"] or None,
        )
        return Response(WantedDeletionOutput(wanted).data, status=202)

    @extend_schema(
        summary="Send requests",
        description=traffic_examples.SENDING,
        parameters=[SENDING_KEY],
        auth=[],
        request={
            "application/json": one_of("Requests", RequestInput, RequestInput(many=True)),
            "application/x-ndjson": OpenApiTypes.STR,
        },
        responses={
            201: OpenApiResponse(one_of("SentRequests", RequestOutput, BatchOutput), "Stored."),
            **refusals(400, 401, 403, 404, 413, 415, 429, 503),
        },
        examples=traffic_examples.SENT,
    )
    def create(self, request: RestRequest, app_id: str) -> HttpResponse:
        return self.receive(request, app_id)
