"""The REST API of monitors: made, changed, paused; what their checks found; when they were down."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from applications import access
from applications.rest import OfApplication
from loghandler.api import check, storing, wanted, window, with_id
from loghandler.openapi import APP_ID, path_id, refusals
from monitors import changes, target_json, targets
from monitors.models import Check, Monitor, Outage
from monitors.paging import CheckPagination
from monitors.parameters import RANGES, ChecksForm, MonitorsForm, StatsForm
from monitors.records import Target
from monitors.response_times import steps
from monitors.serializers import (
    CheckOutput,
    MonitorInput,
    MonitorOutput,
    MonitorStatsOutput,
    OutageOutput,
)
from monitors.uptime import Span
from monitors.uptimes import histories, uptimes

_MONITOR_ID = path_id("monitor_id")
_READ = refusals(400, 401, 404, 503)
_WRITE = refusals(400, 401, 403, 404, 409, 413, 415, 503)
_RANGE = [
    OpenApiParameter("since", OpenApiTypes.DATETIME, description="At or after."),
    OpenApiParameter("until", OpenApiTypes.DATETIME, description="Before."),
]


def output(monitor: Monitor, *, secrets: bool) -> dict[str, Any]:
    target = targets.read(monitor.kind, monitor.target)
    names = [name for name in map(str, MonitorOutput().fields.keys()) if name not in _OWN]
    fields = {name: getattr(monitor, name) for name in names}
    key = monitor.ping_key
    return MonitorOutput(
        {
            **fields,
            "target": target_json.told(target, secrets=secrets),
            "ping_url": f"{settings.URL}/ping/{key}" if key and secrets else None,
        }
    ).data


_OWN = {"target", "ping_url"}


class _OfMonitors(OfApplication):
    def monitor(
        self, request: Request, app_id: str, monitor_id: str, *, write: bool = False
    ) -> Monitor:
        application = (self.writable if write else self.readable)(request, app_id)
        return with_id(application.monitors.all(), monitor_id, "monitor")


@extend_schema(tags=["Monitors"], parameters=[APP_ID])
class MonitorViewSet(_OfMonitors):
    queryset = Monitor.objects.none()
    serializer_class = MonitorOutput

    @extend_schema(
        summary="List monitors",
        parameters=[
            OpenApiParameter("state", str, enum=["unknown", "up", "down", "maintenance"]),
            OpenApiParameter("kind", str, enum=list(targets.kinds())),
            OpenApiParameter("tag", str),
            OpenApiParameter("q", str, description="What the name contains."),
            OpenApiParameter("paused", bool),
        ],
        responses={200: MonitorOutput(many=True), **_READ},
    )
    def list(self, request: Request, app_id: str) -> Response:
        application = self.readable(request, app_id)
        form = MonitorsForm(request.query_params)
        check(form)
        page = self.paginate_queryset(form.chosen(application.monitors.all())) or []
        secrets = access.may_write(request.user, application)
        return self.get_paginated_response([output(each, secrets=secrets) for each in page])

    @extend_schema(
        summary="Create a monitor",
        request=MonitorInput,
        responses={201: MonitorOutput, **_WRITE},
    )
    def create(self, request: Request, app_id: str) -> Response:
        application = self.writable(request, app_id)
        asked = wanted(request, MonitorInput)
        kind = asked.pop("kind", "http")
        target = _target(kind, asked.pop("target"))
        with storing("target"):
            monitor = changes.create(application, target=target, **asked)
        location = f"/apps/{application.pk}/monitors/{monitor.pk}"
        return Response(output(monitor, secrets=True), 201, headers={"Location": location})

    @extend_schema(
        summary="Show a monitor",
        parameters=[_MONITOR_ID],
        responses={200: MonitorOutput, **refusals(401, 404, 503)},
    )
    def retrieve(self, request: Request, app_id: str, monitor_id: str) -> Response:
        monitor = self.monitor(request, app_id, monitor_id)
        secrets = access.may_write(request.user, monitor.application)
        return Response(output(monitor, secrets=secrets))

    @extend_schema(
        summary="Change a monitor",
        description="What is not named stays as it is, also within `target`.",
        parameters=[_MONITOR_ID],
        request=MonitorInput,
        responses={200: MonitorOutput, **_WRITE},
    )
    def partial_update(self, request: Request, app_id: str, monitor_id: str) -> Response:
        monitor = self.monitor(request, app_id, monitor_id, write=True)
        asked = wanted(request, MonitorInput, partial=True)
        paused = asked.pop("paused", None)
        target = _changed_target(monitor, asked.pop("kind", None), asked.pop("target", None))
        with storing("target"):
            changes.change(monitor, target, **asked)
        if paused is not None:
            (changes.pause if paused else changes.resume)(monitor)
        monitor.refresh_from_db()
        return Response(output(monitor, secrets=True))

    @extend_schema(
        summary="Delete a monitor",
        parameters=[_MONITOR_ID],
        responses={204: None, **refusals(401, 403, 404, 503)},
    )
    def destroy(self, request: Request, app_id: str, monitor_id: str) -> Response:
        changes.delete(self.monitor(request, app_id, monitor_id, write=True))
        return Response(status=204)

    @extend_schema(
        summary="Uptime and response times of a monitor",
        parameters=[_MONITOR_ID, OpenApiParameter("range", str, enum=[*RANGES], default="24h")],
        responses={200: MonitorStatsOutput, **_READ},
    )
    def stats(self, request: Request, app_id: str, monitor_id: str) -> Response:
        monitor = self.monitor(request, app_id, monitor_id)
        form = StatsForm(request.query_params)
        check(form)
        length, step = RANGES[form.cleaned_data["range"] or "24h"]
        now = timezone.now()
        end = now.replace(minute=0, second=0, microsecond=0) + step
        series = steps(monitor, Span(end - length - step, min(end, now)), step)
        longest, _ = RANGES["90d"]
        history = histories([monitor], Span(now - longest, now))[monitor.pk]
        answer = {
            "uptime": uptimes(history, now),
            "step_seconds": step.total_seconds(),
            "series": [
                {
                    "start": start,
                    "checks": found.checks,
                    "failures": found.failures,
                    **{f"p{each}_ms": found.percentile(each) for each in (50, 95, 99)},
                }
                for start, found in series
            ],
        }
        return Response(MonitorStatsOutput(answer).data)


@extend_schema(tags=["Monitors"], parameters=[APP_ID, _MONITOR_ID])
class CheckViewSet(_OfMonitors):
    queryset = Check.objects.none()
    serializer_class = CheckOutput
    pagination_class = CheckPagination

    @extend_schema(
        summary="What the checks of a monitor found, newest first",
        description="`next_cursor` is the `cursor` of the next page.",
        parameters=[
            *_RANGE,
            OpenApiParameter("cursor", OpenApiTypes.DATETIME),
            OpenApiParameter("failed", bool, description="Only those that failed, or did not."),
        ],
        responses={200: CheckOutput(many=True), **_READ},
    )
    def list(self, request: Request, app_id: str, monitor_id: str) -> Response:
        monitor = self.monitor(request, app_id, monitor_id)
        form = ChecksForm(request.query_params)
        check(form)
        limit, _ = window(request)
        stored = Check.objects.filter(application_id=monitor.application_id, monitor_id=monitor.pk)
        found = list(form.chosen(stored)[: limit + 1])
        cursor: datetime | None = found[limit - 1].checked_at if len(found) > limit else None
        return Response(
            {"items": CheckOutput(found[:limit], many=True).data, "next_cursor": cursor}
        )


@extend_schema(tags=["Monitors"], parameters=[APP_ID])
class OutageViewSet(_OfMonitors):
    queryset = Outage.objects.none()
    serializer_class = OutageOutput

    @extend_schema(
        summary="When the monitors of an application were down, newest first",
        responses={200: OutageOutput(many=True), **_READ},
    )
    def list(self, request: Request, app_id: str) -> Response:
        application = self.readable(request, app_id)
        return self.page(Outage.objects.filter(application=application), OutageOutput)

    @extend_schema(
        summary="When a monitor was down, newest first",
        parameters=[_MONITOR_ID],
        responses={200: OutageOutput(many=True), **_READ},
    )
    def of_monitor(self, request: Request, app_id: str, monitor_id: str) -> Response:
        return self.page(self.monitor(request, app_id, monitor_id).outages.all(), OutageOutput)


def _target(kind: str, fields: dict[str, Any]) -> Target:
    with storing("target"):
        return target_json.taken(kind, fields)


def _changed_target(
    monitor: Monitor, kind: str | None, fields: dict[str, Any] | None
) -> Target | None:
    if kind is None and fields is None:
        return None
    if kind not in {None, monitor.kind}:
        return _target(str(kind), fields or {})
    now = target_json.told(targets.read(monitor.kind, monitor.target), secrets=True)
    return _target(monitor.kind, {**now, **(fields or {})})
