"""api-analytics in Django."""

from wsgiref.simple_server import make_server

import django
from api_analytics.django import Config
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path

from ingest.tests.published.driving import KEY, PRIVACY_LEVEL, SERVER_URL, drive, serve_in_thread

settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["127.0.0.1"],
    MIDDLEWARE=["api_analytics.django.Analytics"],
    ANALYTICS_API_KEY=KEY,
    ANALYTICS_CONFIG=Config(server_url=SERVER_URL, privacy_level=PRIVACY_LEVEL),
)
django.setup()


def item(request: HttpRequest, item: int) -> HttpResponse:
    return HttpResponse(str(item))


def update(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=201)


urlpatterns = [path("items/<int:item>", item), path("users/update", update)]

if __name__ == "__main__":
    from django.core.wsgi import get_wsgi_application

    server = make_server("127.0.0.1", 0, get_wsgi_application())
    serve_in_thread(server.serve_forever)
    drive(server.server_port)
