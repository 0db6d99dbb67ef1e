"""The REST API of statistics: over time, by level, by message."""

from typing import Any

from django import forms
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from applications import access
from events.records import LEVEL_NAMES, LEVELS
from loghandler.api import check
from loghandler.openapi import refusals
from stats import serializers
from stats.buckets import Interval, TooManyBuckets
from stats.parameters import RankingForm, SeriesForm, StatsForm
from stats.rankings import top_messages
from stats.series import by_level, timeseries

_LEVELS = list(LEVELS)
_RANGE = [
    OpenApiParameter("app_id", OpenApiTypes.INT64, "path", description="The application."),
    OpenApiParameter(
        "since", OpenApiTypes.DATETIME, description="Received at or after; default: 24 hours ago."
    ),
    OpenApiParameter(
        "until", OpenApiTypes.DATETIME, description="Received before this time; default: now."
    ),
    OpenApiParameter("level", str, enum=_LEVELS, many=True, description="One level or several."),
    OpenApiParameter("min_level", str, enum=_LEVELS, description="This level or a worse one."),
]
_SERIES = [
    *_RANGE,
    OpenApiParameter("interval", str, enum=list(Interval), default=Interval.HOUR),
    OpenApiParameter(
        "tz", str, default="UTC", description="Zone whose midnight begins a DAY, WEEK or MONTH."
    ),
    OpenApiParameter("fill", bool, default=False, description="Give empty buckets too."),
]
_REFUSALS = refusals(400, 401, 404, 503)


def _example(**answer: Any) -> list[OpenApiExample]:
    times = {"since": "2026-11-20T09:30:00Z", "until": "2026-11-21T09:30:00Z"}
    return [OpenApiExample("answer", {**times, **answer}, response_only=True, status_codes=["200"])]


_SERIES_EXAMPLE = _example(
    interval="HOUR",
    series=[
        {"bucket_start": "2026-11-21T08:00:00Z", "count": 12},
        {"bucket_start": "2026-11-21T09:00:00Z", "count": 5},
    ],
)
_LEVELS_EXAMPLE = _example(
    items=[{"level": "ERROR", "count": 3}, {"level": "INFO", "count": 14}],
)
_MESSAGES_EXAMPLE = _example(
    limit=10,
    items=[
        {
            "message": "Payment failed",
            "count": 3,
            "last_seen": "2026-11-21T09:03:28.069000Z",
            "last_id": "01a1fd58-a745-7000-9ddd-d34cc299d60a",
        }
    ],
)


@extend_schema(tags=["Statistics"])
class StatsViewSet(ViewSet):
    @extend_schema(
        summary="Events over time",
        parameters=_SERIES,
        responses={200: serializers.TimeseriesOutput, **_REFUSALS},
        examples=_SERIES_EXAMPLE,
    )
    def timeseries(self, request: Request, app_id: str) -> Response:
        application = access.readable_application(request.user, app_id)
        asked = _asked(SeriesForm, request)
        since, until, interval = asked["since"], asked["until"], asked["interval"]
        try:
            series = timeseries(
                application.pk,
                since,
                until,
                interval,
                zone=asked["tz"],
                levels=asked["levels"],
                fill=asked["fill"],
            )
        except TooManyBuckets as error:
            raise ValidationError({"interval": [str(error)]}) from None
        return Response(
            {
                "interval": interval,
                "since": since,
                "until": until,
                "series": [
                    {"bucket_start": point.bucket_start, "count": point.count} for point in series
                ],
            }
        )

    @extend_schema(
        summary="Events by level",
        parameters=_RANGE,
        responses={200: serializers.ByLevelOutput, **_REFUSALS},
        examples=_LEVELS_EXAMPLE,
    )
    def by_level(self, request: Request, app_id: str) -> Response:
        application = access.readable_application(request.user, app_id)
        asked = _asked(StatsForm, request)
        since, until = asked["since"], asked["until"]
        counts = by_level(application.pk, since, until, levels=asked["levels"])
        items = [{"level": LEVEL_NAMES[item.level], "count": item.count} for item in counts]
        return Response({"since": since, "until": until, "items": items})

    @extend_schema(
        summary="The most frequent messages",
        parameters=[*_RANGE, OpenApiParameter("limit", int, default=10, description="1 to 100.")],
        responses={200: serializers.TopMessagesOutput, **_REFUSALS},
        examples=_MESSAGES_EXAMPLE,
    )
    def top_messages(self, request: Request, app_id: str) -> Response:
        application = access.readable_application(request.user, app_id)
        asked = _asked(RankingForm, request)
        since, until, limit = asked["since"], asked["until"], asked["limit"]
        ranked = top_messages(application.pk, since, until, limit=limit, levels=asked["levels"])
        items = [
            {
                "message": item.message,
                "count": item.count,
                "last_seen": item.last_seen,
                "last_id": item.last_id,
            }
            for item in ranked
        ]
        return Response({"limit": limit, "since": since, "until": until, "items": items})


def _asked(form_class: type[forms.Form], request: Request) -> dict[str, Any]:
    form = form_class(request.query_params)
    check(form)
    return form.cleaned_data
