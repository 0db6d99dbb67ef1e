"""The REST API of maintenance windows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from applications import access
from applications.models import Application
from loghandler.api import OffsetPagination, json_body, with_id
from loghandler.openapi import APP_ID, refusals
from monitors import maintenance
from monitors.models import Maintenance, Monitor
from monitors.serializers import MaintenanceInput, MaintenanceOutput

_ID = OpenApiParameter("maintenance_id", OpenApiTypes.INT64, "path", description="Its id.")
_WRITE = refusals(400, 401, 403, 404, 413, 415, 503)


@extend_schema(tags=["Monitors"], parameters=[APP_ID])
class MaintenanceViewSet(GenericViewSet[Maintenance]):
    queryset = Maintenance.objects.none()
    serializer_class = MaintenanceOutput
    pagination_class = OffsetPagination
    filter_backends: list[Any] = []

    @extend_schema(
        summary="List maintenance windows, newest first",
        responses={200: MaintenanceOutput(many=True), **refusals(400, 401, 404, 503)},
    )
    def list(self, request: Request, app_id: str) -> Response:
        application = access.readable_application(request.user, app_id)
        windows = application.maintenances.prefetch_related("monitors")
        page = self.paginate_queryset(windows) or []
        return self.get_paginated_response(MaintenanceOutput(page, many=True).data)

    @extend_schema(
        summary="Add a maintenance window: once, or by a cron expression",
        request=MaintenanceInput,
        responses={201: MaintenanceOutput, **_WRITE},
    )
    def create(self, request: Request, app_id: str) -> Response:
        application = access.writable_application(request.user, app_id)
        wishes = MaintenanceInput(data=json_body(request))
        wishes.is_valid(raise_exception=True)
        wanted = {"begin": timezone.now(), **wishes.validated_data}
        monitors = _monitors(application, wanted.pop("monitors"))
        with _told(wanted):
            row = maintenance.create(application, monitors, **wanted)
        return Response(MaintenanceOutput(row).data, 201)

    @extend_schema(
        summary="Show a maintenance window",
        parameters=[_ID],
        responses={200: MaintenanceOutput, **refusals(401, 404, 503)},
    )
    def retrieve(self, request: Request, app_id: str, maintenance_id: str) -> Response:
        application = access.readable_application(request.user, app_id)
        row = with_id(application.maintenances.all(), maintenance_id, "window")
        return Response(MaintenanceOutput(row).data)

    @extend_schema(
        summary="Change a maintenance window",
        description="What is not named stays as it is. Of one that has begun, `name` and `end`.",
        parameters=[_ID],
        request=MaintenanceInput,
        responses={200: MaintenanceOutput, **_WRITE},
    )
    def partial_update(self, request: Request, app_id: str, maintenance_id: str) -> Response:
        application = access.writable_application(request.user, app_id)
        row = with_id(application.maintenances.all(), maintenance_id, "window")
        wishes = MaintenanceInput(data=json_body(request), partial=True)
        wishes.is_valid(raise_exception=True)
        wanted = dict(wishes.validated_data)
        ids = wanted.pop("monitors", None)
        monitors = None if ids is None else _monitors(application, ids)
        with _told({"cron": row.cron, "minutes": row.minutes, **wanted}):
            maintenance.change(row, monitors, **wanted)
        return Response(MaintenanceOutput(row).data)

    @extend_schema(
        summary="End a maintenance window; one that has not begun goes",
        parameters=[_ID],
        responses={204: None, **refusals(401, 403, 404, 503)},
    )
    def destroy(self, request: Request, app_id: str, maintenance_id: str) -> Response:
        application = access.writable_application(request.user, app_id)
        maintenance.end(with_id(application.maintenances.all(), maintenance_id, "window"))
        return Response(status=204)


@contextmanager
def _told(wanted: dict[str, Any]) -> Iterator[None]:
    """What is wrong with a window, by the field that it is most likely about."""
    try:
        yield
    except ValueError as error:
        field = ("cron" if wanted.get("minutes") else "minutes") if wanted.get("cron") else "end"
        raise exceptions.ValidationError({field: [str(error)]}) from error


def _monitors(application: Application, ids: list[int]) -> list[Monitor]:
    found = list(application.monitors.filter(pk__in=ids))
    if missing := sorted(set(ids) - {monitor.pk for monitor in found}):
        raise exceptions.ValidationError({"monitors": [f"There is no monitor {missing[0]}."]})
    return found
