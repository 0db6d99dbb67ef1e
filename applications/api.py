"""The REST API of applications: make one, look at one, list them."""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    extend_schema_view,
)
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from applications import access, creation
from applications.filters import ApplicationFilter
from applications.models import Application, ApplicationQuerySet
from applications.serializers import ApplicationOutput, CreatedOutput, CreationInput
from loghandler.api import Conflict, OffsetPagination, wanted
from loghandler.openapi import refusals

_APPLICATION = {
    "id": 7,
    "name": "billing",
    "description": "Invoices and payments",
    "created_at": "2026-11-21T08:00:00.123456Z",
    "retention_days": None,
    "active": True,
    "keys": [
        {
            "prefix": "1a2b3c4d",
            "kind": "ingest",
            "label": "",
            "created_at": "2026-11-21T08:00:00.123456Z",
            "expires_at": None,
            "last_used_at": "2026-11-21T08:59:00Z",
        }
    ],
}
_CREATED = {
    "id": 7,
    "name": "billing",
    "ingest_key": "1a2b3c4d5e6f708192a3b4c5d6e7f809",
    "created_at": "2026-11-21T08:00:00.123456Z",
}
_ID = OpenApiParameter("app_id", OpenApiTypes.INT64, "path", description="Its id.")
_NAME = OpenApiParameter("app_id", str, "path", description="The name of the new application.")


@extend_schema_view(
    list=extend_schema(
        summary="List the applications that you may see",
        responses={200: ApplicationOutput(many=True), **refusals(400, 401, 503)},
        examples=[OpenApiExample("page", _APPLICATION, response_only=True, status_codes=["200"])],
    ),
    retrieve=extend_schema(
        summary="Show an application",
        parameters=[_ID],
        responses={200: ApplicationOutput, **refusals(401, 404, 503)},
        examples=[OpenApiExample("one", _APPLICATION, response_only=True, status_codes=["200"])],
    ),
    create=extend_schema(
        summary="Create an application",
        description="The path ends in the new name. The body is optional.",
        parameters=[_NAME],
        request=CreationInput,
        responses={201: CreatedOutput, **refusals(400, 401, 403, 409, 413, 415, 503)},
        examples=[
            OpenApiExample("created", _CREATED, response_only=True, status_codes=["201"]),
            OpenApiExample("options", {"retention_days": 30}, request_only=True),
        ],
    ),
)
@extend_schema(tags=["Applications"])
class ApplicationViewSet(GenericViewSet[Application]):
    queryset = Application.objects.none()
    serializer_class = ApplicationOutput
    filterset_class = ApplicationFilter
    pagination_class = OffsetPagination
    lookup_field = "pk"
    lookup_url_kwarg = "app_id"

    def get_queryset(self) -> ApplicationQuerySet:
        return access.visible(self.request.user).with_valid_keys()

    def list(self, request: Request) -> Response:
        applications = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(ApplicationOutput(applications, many=True).data)

    def retrieve(self, request: Request, app_id: str) -> Response:
        application = access.with_id(self.get_queryset(), app_id)
        return Response(ApplicationOutput(application).data)

    def create(self, request: Request, app_id: str) -> Response:
        if not access.may_create(request.user):
            raise PermissionDenied("Only staff create applications.")
        wishes = wanted(request, CreationInput)
        admin = request.user if isinstance(request.user, User) else None
        try:
            created = creation.create(app_id, **wishes, admin=admin)
        except creation.NameTaken as taken:
            raise Conflict({"name": [str(taken)]}) from taken
        location = f"/apps/{created.application.pk}"
        return Response(
            CreatedOutput(created).data, status.HTTP_201_CREATED, headers={"Location": location}
        )
