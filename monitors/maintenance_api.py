"""The REST API of maintenance windows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from applications.rest import OfApplication
from loghandler.api import wanted, with_id, with_ids
from loghandler.openapi import APP_ID, path_id, refusals
from monitors import maintenance
from monitors.models import Maintenance
from monitors.serializers import MaintenanceInput, MaintenanceOutput

_ID = path_id("maintenance_id")
_WRITE = refusals(400, 401, 403, 404, 413, 415, 503)


@extend_schema(tags=["Monitors"], parameters=[APP_ID])
class MaintenanceViewSet(OfApplication):
    queryset = Maintenance.objects.none()
    serializer_class = MaintenanceOutput

    @extend_schema(
        summary="List maintenance windows, newest first",
        responses={200: MaintenanceOutput(many=True), **refusals(400, 401, 404, 503)},
    )
    def list(self, request: Request, app_id: str) -> Response:
        application = self.readable(request, app_id)
        windows = application.maintenances.prefetch_related("monitors")
        return self.page(windows, MaintenanceOutput)

    @extend_schema(
        summary="Add a maintenance window: once, or by a cron expression",
        request=MaintenanceInput,
        responses={201: MaintenanceOutput, **_WRITE},
    )
    def create(self, request: Request, app_id: str) -> Response:
        application = self.writable(request, app_id)
        asked = {"begin": timezone.now(), **wanted(request, MaintenanceInput)}
        monitors = with_ids(application.monitors.all(), asked.pop("monitors"), "monitor")
        with _told(asked):
            row = maintenance.create(application, monitors, **asked)
        return Response(MaintenanceOutput(row).data, 201)

    @extend_schema(
        summary="Show a maintenance window",
        parameters=[_ID],
        responses={200: MaintenanceOutput, **refusals(401, 404, 503)},
    )
    def retrieve(self, request: Request, app_id: str, maintenance_id: str) -> Response:
        application = self.readable(request, app_id)
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
        application = self.writable(request, app_id)
        row = with_id(application.maintenances.all(), maintenance_id, "window")
        asked = wanted(request, MaintenanceInput, partial=True)
        ids, own = asked.pop("monitors", None), application.monitors.all()
        monitors = None if ids is None else with_ids(own, ids, "monitor")
        with _told({"cron": row.cron, "minutes": row.minutes, **asked}):
            maintenance.change(row, monitors, **asked)
        return Response(MaintenanceOutput(row).data)

    @extend_schema(
        summary="End a maintenance window; one that has not begun goes",
        parameters=[_ID],
        responses={204: None, **refusals(401, 403, 404, 503)},
    )
    def destroy(self, request: Request, app_id: str, maintenance_id: str) -> Response:
        application = self.writable(request, app_id)
        maintenance.end(with_id(application.maintenances.all(), maintenance_id, "window"))
        return Response(status=204)


@contextmanager
def _told(asked: dict[str, Any]) -> Iterator[None]:
    """What is wrong with a window, by the field that it is most likely about."""
    try:
        yield
    except ValueError as error:
        field = ("cron" if asked.get("minutes") else "minutes") if asked.get("cron") else "end"
        raise exceptions.ValidationError({field: [str(error)]}) from error
