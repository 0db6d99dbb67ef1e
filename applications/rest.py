"""What views of an application's own things have in common over REST."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from applications import access
from applications.models import Application
from loghandler.api import OffsetPagination


class OfApplication(GenericViewSet[Any]):
    pagination_class = OffsetPagination
    filter_backends: list[Any] = []

    def readable(self, request: Request, app_id: str) -> Application:
        """Raises Http404."""
        return access.readable_application(request.user, app_id)

    def writable(self, request: Request, app_id: str) -> Application:
        """Raises Http404 for strangers, PermissionDenied for those who may only look."""
        return access.writable_application(request.user, app_id)

    def page(self, rows: QuerySet[Any], output: type[Serializer[Any]], **context: Any) -> Response:
        found = self.paginate_queryset(rows) or []
        return self.get_paginated_response(output(found, many=True, context=context).data)
