"""The REST API of the traffic's statistics: over time, by route, by anything else."""

from typing import Any

from django import forms
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from applications import access
from loghandler.api import check
from loghandler.openapi import APP_ID, refusals
from stats.buckets import Interval, TooManyBuckets
from stats.traffic import serializers
from stats.traffic.breakdowns import breakdown
from stats.traffic.criteria import Criteria
from stats.traffic.dimensions import Dimension
from stats.traffic.measures import by_status
from stats.traffic.openapi import CHOOSING, SINCE, UNTIL
from stats.traffic.parameters import (
    BREAKDOWNS,
    DEFAULT_ITEMS,
    MOST_ITEMS,
    BreakdownForm,
    RoutesForm,
    TrafficSeriesForm,
)
from stats.traffic.rankings import ranked_routes, sorts
from stats.traffic.series import DEFAULT, traffic_series

_RANGE = [APP_ID, SINCE, UNTIL, *CHOOSING]
_PAGE = [
    OpenApiParameter("limit", int, default=DEFAULT_ITEMS, description=f"1 to {MOST_ITEMS}."),
    OpenApiParameter("offset", int, default=0, description="Items to skip."),
]
_SERIES = [
    OpenApiParameter("interval", str, enum=list(Interval), default=Interval.HOUR),
    OpenApiParameter(
        "tz", str, default="UTC", description="Zone whose midnight begins a DAY, WEEK or MONTH."
    ),
    OpenApiParameter("fill", bool, default=False, description="Give empty buckets too."),
    OpenApiParameter(
        "measure",
        str,
        many=True,
        default=",".join(DEFAULT),
        description="requests, errors, client_errors, server_errors, users, request_bytes, "
        "response_bytes, max, or a percentile such as p99.9; repeated or separated by commas.",
    ),
]
_ROUTES = [
    OpenApiParameter("sort", str, enum=list(sorts()), default="-requests"),
    OpenApiParameter("search", str, description="A part of method and route, in any case."),
]
_BY = OpenApiParameter("by", str, enum=list(BREAKDOWNS), required=True)
_REFUSALS = refusals(400, 401, 404, 503)


def _example(**answer: Any) -> list[OpenApiExample]:
    times = {"since": "2026-11-20T09:30:00Z", "until": "2026-11-21T09:30:00Z"}
    return [OpenApiExample("answer", {**times, **answer}, response_only=True, status_codes=["200"])]


_POINT = {"bucket_start": "2026-11-21T08:00:00Z", "requests": 120, "errors": 3, "p95": 48.2}
_ROUTE = {
    "method": "GET",
    "route": "/users/{id}",
    "requests": 120,
    "client_errors": 2,
    "server_errors": 1,
    "error_rate": 0.025,
    "p50": 12.1,
    "p95": 48.2,
    "p99": 210.0,
    "request_bytes": 0,
    "response_bytes": 220_080,
    "apdex": 0.98,
    "apdex_ms": 500,
}
_VALUE = {
    "value": "DE",
    "requests": 120,
    "client_errors": 2,
    "server_errors": 1,
    "first_seen": "2026-11-20T09:31:12.069000Z",
    "last_seen": "2026-11-21T09:29:58.412000Z",
}


@extend_schema(tags=["Traffic"])
class TrafficViewSet(ViewSet):
    @extend_schema(
        summary="Requests over time",
        parameters=[*_RANGE, *_SERIES],
        responses={200: serializers.TrafficSeriesOutput, **_REFUSALS},
        examples=_example(interval="HOUR", series=[_POINT]),
    )
    def timeseries(self, request: Request, app_id: str) -> Response:
        application = access.readable_application(request.user, app_id)
        form = _valid(TrafficSeriesForm, request)
        asked, criteria = form.cleaned_data, form.criteria()
        try:
            series = traffic_series(
                application.pk,
                criteria,
                asked["interval"],
                asked["measure"],
                zone=asked["tz"],
                fill=asked["fill"],
            )
        except TooManyBuckets as error:
            raise ValidationError({"interval": [str(error)]}) from None
        points = [{"bucket_start": point.bucket_start, **point.values} for point in series]
        return Response({"interval": asked["interval"], **_times(criteria), "series": points})

    @extend_schema(
        summary="Routes",
        parameters=[*_RANGE, *_ROUTES, *_PAGE],
        responses={200: serializers.RoutesOutput, **_REFUSALS},
        examples=_example(distinct=1, items=[_ROUTE]),
    )
    def routes(self, request: Request, app_id: str) -> Response:
        application = access.readable_application(request.user, app_id)
        form = _valid(RoutesForm, request)
        asked, criteria = form.cleaned_data, form.criteria()
        ranked = ranked_routes(application.pk, criteria, sort=asked["sort"], text=asked["search"])
        items = ranked[asked["offset"] :][: asked["limit"]]
        return Response(
            {
                **_times(criteria),
                "distinct": len(ranked),
                "items": serializers.RouteOutput(items, many=True).data,
            }
        )

    @extend_schema(
        summary="Requests by country, client, status, …",
        parameters=[*_RANGE, _BY, *_PAGE],
        responses={200: serializers.BreakdownOutput, **_REFUSALS},
        examples=_example(by="country", distinct=1, items=[_VALUE]),
    )
    def breakdown(self, request: Request, app_id: str) -> Response:
        application = access.readable_application(request.user, app_id)
        form = _valid(BreakdownForm, request)
        asked, criteria = form.cleaned_data, form.criteria()
        dimension = BREAKDOWNS[asked["by"]]
        limit, offset = asked["limit"], asked["offset"]
        if dimension is None:
            distinct, items = _by_status(application.pk, criteria, limit, offset)
        else:
            distinct, items = _by_value(application.pk, criteria, dimension, limit, offset)
        answer = {"by": asked["by"], **_times(criteria), "distinct": distinct, "items": items}
        return Response(answer)


def _valid(form_class: type[Any], request: Request) -> Any:
    form: forms.Form = form_class(request.query_params)
    check(form)
    return form


def _times(criteria: Criteria) -> dict[str, Any]:
    return {"since": criteria.since, "until": criteria.until}


def _by_value(
    application_id: int, criteria: Criteria, dimension: Dimension, limit: int, offset: int
) -> tuple[int, list[dict[str, Any]]]:
    found = breakdown(application_id, criteria, dimension, limit=limit, offset=offset)
    items = [
        {
            "value": value.value,
            "requests": value.requests,
            "client_errors": value.client_errors,
            "server_errors": value.server_errors,
            "first_seen": value.first_at,
            "last_seen": value.last_at,
        }
        for value in found.values
    ]
    return found.distinct, items


def _by_status(
    application_id: int, criteria: Criteria, limit: int, offset: int
) -> tuple[int, list[dict[str, Any]]]:
    counts = by_status(application_id, criteria)
    items = [
        {
            "value": str(status),
            "requests": n,
            "client_errors": n if 400 <= status < 500 else 0,
            "server_errors": n if status >= 500 else 0,
            "first_seen": None,
            "last_seen": None,
        }
        for status, n in list(counts.items())[offset:][:limit]
    ]
    return len(counts), items
