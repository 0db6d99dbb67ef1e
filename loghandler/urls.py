"""Every route of the service."""

from collections.abc import Callable

import csp.constants
from csp.decorators import csp_update
from django.contrib import admin
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.viewsets import ViewSetMixin

from alerts.api import AlertViewSet, ChannelViewSet, NotificationViewSet, RuleViewSet
from applications.api import ApplicationViewSet
from ingest.api import EventViewSet
from ingest.protocols import native, native_requests
from ingest.receiving import shortly
from ingest.traffic_api import RequestViewSet
from ingest.views import log_requests
from loghandler.short_way import sent
from monitors import api_analytics as monitors_api_analytics
from monitors.api import CheckViewSet, MonitorViewSet, OutageViewSet
from monitors.maintenance_api import MaintenanceViewSet
from monitors.views import ping
from stats import views as api_analytics
from stats.api import StatsViewSet
from stats.traffic_api import TrafficViewSet


def rest(route: str, view: Callable[..., HttpResponseBase], name: str | None = None) -> URLPattern:
    """A route with and without its last slash: a redirect would lose the body of a POST."""
    return re_path(rf"^{route}/?$", view, name=name)


def things(route: str, one: str, views: type[ViewSetMixin]) -> list[URLPattern]:
    """Where they are listed and made, and where one of them is shown, changed and deleted."""
    return [
        rest(route, views.as_view({"get": "list", "post": "create"})),
        rest(
            f"{route}/(?P<{one}>[^/]+)",
            views.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        ),
    ]


# The style sheet of the Swagger UI holds its icons.
_docs = csp_update({"img-src": [csp.constants.SELF, "data:"]})

urlpatterns: list[URLPattern | URLResolver] = [
    # /apps/<id>/events: send, list, show. First, for it is asked for most.
    rest(
        "apps/(?P<app_id>[^/]+)/events",
        sent(EventViewSet.as_view({"get": "list", "post": "create"}), short=shortly(native)),
    ),
    rest(
        "apps/(?P<app_id>[^/]+)/events/(?P<event_id>[^/]+)",
        EventViewSet.as_view({"get": "retrieve"}),
    ),
    # /apps/<id>/requests: the same of API requests
    rest(
        "apps/(?P<app_id>[^/]+)/requests",
        sent(
            RequestViewSet.as_view({"get": "list", "post": "create", "delete": "destroy"}),
            short=shortly(native_requests),
        ),
    ),
    rest(
        "apps/(?P<app_id>[^/]+)/requests/(?P<request_id>[^/]+)",
        RequestViewSet.as_view({"get": "retrieve"}),
    ),
    # API Analytics: what its clients send to and readers ask for, below whatever path they were
    # given as their server's.
    re_path("^(?:.+/)?api/(?:log-request|requests)$", sent(log_requests, short=log_requests)),
    re_path("^(?:.+/)?api/data$", api_analytics.data),
    re_path("^(?:.+/)?api/user-id/(?P<key>[^/]+)$", api_analytics.user_id),
    re_path("^(?:.+/)?api/requests/(?P<user_id>[^/]+)$", api_analytics.requests),
    re_path("^(?:.+/)?api/requests/(?P<user_id>[^/]+)/(?P<page>[^/]+)$", api_analytics.requests),
    re_path("^(?:.+/)?api/health$", api_analytics.health),
    re_path("^(?:.+/)?api/delete(?:/(?P<key>[^/]+))?$", api_analytics.delete),
    re_path("^(?:.+/)?api/(?:generate|generate-api-key)$", api_analytics.generate),
    re_path("^(?:.+/)?api/monitor/add$", monitors_api_analytics.add),
    re_path("^(?:.+/)?api/monitor/delete$", monitors_api_analytics.delete),
    re_path("^(?:.+/)?api/monitor/pings/(?P<user_id>[^/]+)$", monitors_api_analytics.pings),
    # /ping/<key>: heartbeats
    rest("ping/(?P<key>[^/]+)", sent(ping, short=ping)),
    rest("ping/(?P<key>[^/]+)/(?P<word>[^/]+)", sent(ping, short=ping)),
    # /apps: applications
    rest("apps", ApplicationViewSet.as_view({"get": "list"})),
    rest(
        "apps/(?P<app_id>[^/]+)",
        ApplicationViewSet.as_view({"get": "retrieve", "post": "create"}),
    ),
    # /apps/<id>/monitors, outages, maintenance
    *things("apps/(?P<app_id>[^/]+)/monitors", "monitor_id", MonitorViewSet),
    rest(
        "apps/(?P<app_id>[^/]+)/monitors/(?P<monitor_id>[^/]+)/checks",
        CheckViewSet.as_view({"get": "list"}),
    ),
    rest(
        "apps/(?P<app_id>[^/]+)/monitors/(?P<monitor_id>[^/]+)/stats",
        MonitorViewSet.as_view({"get": "stats"}),
    ),
    rest(
        "apps/(?P<app_id>[^/]+)/monitors/(?P<monitor_id>[^/]+)/outages",
        OutageViewSet.as_view({"get": "of_monitor"}),
    ),
    rest("apps/(?P<app_id>[^/]+)/outages", OutageViewSet.as_view({"get": "list"})),
    *things("apps/(?P<app_id>[^/]+)/maintenance", "maintenance_id", MaintenanceViewSet),
    # /apps/<id>/rules, channels, alerts, notifications
    rest("apps/(?P<app_id>[^/]+)/rules/preview", RuleViewSet.as_view({"post": "preview"})),
    *things("apps/(?P<app_id>[^/]+)/rules", "rule_id", RuleViewSet),
    *things("apps/(?P<app_id>[^/]+)/channels", "channel_id", ChannelViewSet),
    rest(
        "apps/(?P<app_id>[^/]+)/channels/(?P<channel_id>[^/]+)/test",
        ChannelViewSet.as_view({"post": "test"}),
    ),
    rest("apps/(?P<app_id>[^/]+)/alerts", AlertViewSet.as_view({"get": "list"})),
    rest("apps/(?P<app_id>[^/]+)/notifications", NotificationViewSet.as_view({"get": "list"})),
    rest(
        "apps/(?P<app_id>[^/]+)/notifications/(?P<notification_id>[^/]+)/again",
        NotificationViewSet.as_view({"post": "again"}),
    ),
    # /apps/<id>/stats
    rest(
        "apps/(?P<app_id>[^/]+)/stats/timeseries",
        StatsViewSet.as_view({"get": "timeseries"}),
    ),
    rest("apps/(?P<app_id>[^/]+)/stats/by-level", StatsViewSet.as_view({"get": "by_level"})),
    rest(
        "apps/(?P<app_id>[^/]+)/stats/top-messages",
        StatsViewSet.as_view({"get": "top_messages"}),
    ),
    # /apps/<id>/stats/traffic
    *(
        rest(f"apps/(?P<app_id>[^/]+)/stats/traffic/{name}", TrafficViewSet.as_view({"get": name}))
        for name in ("timeseries", "routes", "breakdown")
    ),
    path("", include("dashboard.urls")),
    path("admin/", admin.site.urls),
    path("favicon.ico", lambda request: redirect(static("dashboard/mark.svg"))),
    # /schema, /docs: the description of the REST API
    rest("schema", SpectacularAPIView.as_view(), "schema"),
    rest("docs", _docs(SpectacularSwaggerSplitView.as_view())),
]

handler400 = "loghandler.error_pages.bad_request"
handler403 = "loghandler.error_pages.permission_denied"
handler404 = "loghandler.error_pages.not_found"
handler500 = "loghandler.error_pages.server_error"
