"""A request's page."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from applications import access
from dashboard.request_page import request_page
from dashboard.traffic_selection import selection_with
from traffic.models import Request


@require_safe
def traffic_request(request: HttpRequest, application_id: int, request_id: UUID) -> HttpResponse:
    application = access.readable_application(request.user, application_id)
    found = Request.objects.of(application.pk).identified(request_id).first()
    if found is None:
        context = {"application": application}
        return render(request, "dashboard/no_request.html", context, status=404)
    now = timezone.now()
    page = request_page(found, selection_with(found.occurred_at, request.GET, now), now)
    return render(request, "dashboard/request.html", {"application": application, "page": page})
