"""The baseline: a Django view that reads the body and answers 201 without storing anything."""

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path


def receive(request: HttpRequest, **path: int) -> HttpResponse:
    len(request.body)
    return HttpResponse(b"{}", content_type="application/json", status=201)


urlpatterns = [
    path("apps/<int:application_id>/events", receive),
    path("api/log-request", receive),
]
application = get_wsgi_application()
