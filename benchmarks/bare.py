"""The baseline: a Django view that reads the body and answers 201 without storing anything."""

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], MIDDLEWARE=[])

import django  # noqa: E402  after the settings

django.setup()


def receive(request: HttpRequest, application_id: int) -> HttpResponse:
    len(request.body)
    return HttpResponse(b"{}", content_type="application/json", status=201)


urlpatterns = [path("apps/<int:application_id>/events", receive)]
application = WSGIHandler()
