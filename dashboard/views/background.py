"""What the workers do, for staff."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.background_page import page


@require_safe
def background(request: HttpRequest) -> HttpResponse:
    if not request.user.is_staff:
        raise PermissionDenied("The background work is for staff.")
    return render(request, "dashboard/background.html", {"page": page()})
