"""Every route of the service."""

from collections.abc import Callable

from django.contrib import admin
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from applications.api import ApplicationViewSet


def rest(route: str, view: Callable[..., HttpResponseBase], name: str | None = None) -> URLPattern:
    """A route with and without its last slash: a redirect would lose the body of a POST."""
    return re_path(rf"^{route}/?$", view, name=name)


urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    # /apps: applications
    rest("apps", ApplicationViewSet.as_view({"get": "list"})),
    rest(
        "apps/(?P<app_id>[^/]+)",
        ApplicationViewSet.as_view({"get": "retrieve", "post": "create"}),
    ),
    # /schema, /docs: the description of the REST API
    rest("schema", SpectacularAPIView.as_view(), "schema"),
    rest("docs", SpectacularSwaggerSplitView.as_view()),
]

handler400 = "loghandler.error_pages.bad_request"
handler403 = "loghandler.error_pages.permission_denied"
handler404 = "loghandler.error_pages.not_found"
handler500 = "loghandler.error_pages.server_error"
