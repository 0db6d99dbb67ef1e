"""The pages of the dashboard."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, path, re_path
from django.views.decorators.cache import never_cache

from dashboard.views import (
    account,
    alert_channels,
    alert_rules,
    alerts,
    application,
    background,
    client,
    event,
    maintenance,
    monitor,
    monitor_changes,
    monitors,
    overview,
    settings,
    settings_keys,
    settings_members,
    settings_status,
    settings_traffic,
    setup,
    status,
    traffic,
    traffic_changes,
    traffic_request,
)

app_name = "dashboard"
_EVENT = "applications/<int:application_id>/events/<uuid:event_id>"
_MONITORS = "applications/<int:application_id>/monitors"
_MONITOR = f"{_MONITORS}/<int:monitor_id>"
_BADGE = r"^status/(?P<address>[-\w]+)"
_ALERTS = "applications/<int:application_id>/alerts"
_SETTINGS = "applications/<int:application_id>/settings"


def page(route: str, view: Callable[..., Any], name: str) -> URLPattern:
    """A page for those who are signed in; the browser does not keep it for the next person."""
    return path(route, never_cache(login_required(view)), name=name)


urlpatterns = [
    # /: all applications
    page("", overview.overview, "overview"),
    page("applications/new/", overview.new_application, "new-application"),
    page("demo/load/", overview.load_demo, "load-demo"),
    page("demo/remove/", overview.remove_demo, "remove-demo"),
    # /applications/<id>/: one application
    page("applications/<int:application_id>/", application.application, "application"),
    page("applications/<int:application_id>/events.csv", application.as_csv, "events-csv"),
    page("applications/<int:application_id>/events.ndjson", application.as_ndjson, "events-ndjson"),
    # /applications/<id>/traffic/: its requests
    page("applications/<int:application_id>/traffic/", traffic.traffic, "traffic"),
    page("applications/<int:application_id>/traffic.csv", traffic.as_csv, "traffic-csv"),
    page("applications/<int:application_id>/traffic.ndjson", traffic.as_ndjson, "traffic-ndjson"),
    page(
        "applications/<int:application_id>/traffic/requests/<uuid:request_id>/",
        traffic_request.traffic_request,
        "request",
    ),
    # /applications/<id>/monitors/: what must be up
    page(f"{_MONITORS}/", monitors.monitors, "monitors"),
    page(f"{_MONITORS}/add/", monitors.add, "monitor-add"),
    page(f"{_MONITORS}/new/<str:monitor_kind>/", monitor_changes.new, "monitor-new"),
    page(f"{_MONITORS}/maintenance/", maintenance.maintenance, "maintenance"),
    page(f"{_MONITORS}/maintenance/add/", maintenance.add, "maintenance-add"),
    page(f"{_MONITORS}/maintenance/<int:window_id>/end/", maintenance.end, "maintenance-end"),
    page(f"{_MONITOR}/", monitor.monitor, "monitor"),
    page(f"{_MONITOR}/edit/", monitor_changes.edit, "monitor-edit"),
    page(f"{_MONITOR}/pause/", monitor_changes.pause, "monitor-pause"),
    page(f"{_MONITOR}/resume/", monitor_changes.resume, "monitor-resume"),
    page(f"{_MONITOR}/check/", monitor_changes.check, "monitor-check"),
    page(f"{_MONITOR}/delete/", monitor_changes.delete, "monitor-delete"),
    # /applications/<id>/events/<id>/: one event
    page(f"{_EVENT}/", event.event, "event"),
    page(f"{_EVENT}/<str:name>.txt", event.as_text, "event-text"),
    # /applications/<id>/setup/: how to send events, the first one, refusals
    page("applications/<int:application_id>/setup/", setup.setup, "setup"),
    page("applications/<int:application_id>/setup/key/", setup.new_key, "setup-key"),
    # /applications/<id>/settings/
    page(f"{_SETTINGS}/", settings.settings, "settings"),
    page(f"{_SETTINGS}/details/", settings.details, "settings-details"),
    page(f"{_SETTINGS}/retention/", settings.retention, "settings-retention"),
    page(f"{_SETTINGS}/members/", settings_members.add, "member-add"),
    page(f"{_SETTINGS}/members/<int:member_id>/", settings_members.change_role, "member-role"),
    page(f"{_SETTINGS}/members/<int:member_id>/remove/", settings_members.remove, "member-remove"),
    page(f"{_SETTINGS}/keys/", settings_keys.create, "key-create"),
    page(f"{_SETTINGS}/keys/rotate/", settings_keys.rotate, "key-rotate"),
    page(f"{_SETTINGS}/keys/<int:key_id>/revoke/", settings_keys.revoke, "key-revoke"),
    page(f"{_SETTINGS}/keys/<int:key_id>/keep/", settings_keys.keep, "key-keep"),
    page(f"{_SETTINGS}/keep/", settings.keep, "settings-keep"),
    page(f"{_SETTINGS}/events/delete/", settings.delete_events, "settings-delete-events"),
    page(f"{_SETTINGS}/traffic/", settings_traffic.traffic, "settings-traffic"),
    page(f"{_SETTINGS}/left-out/", settings_traffic.left_out, "settings-left-out"),
    page(f"{_SETTINGS}/left-out/hide/", traffic_changes.hide_route, "route-hide"),
    page(f"{_SETTINGS}/left-out/show/", traffic_changes.show_route, "route-show"),
    page(f"{_SETTINGS}/views/", traffic_changes.save_view, "view-save"),
    page(f"{_SETTINGS}/views/delete/", traffic_changes.delete_view, "view-delete"),
    page(f"{_SETTINGS}/requests/delete/", settings_traffic.delete_requests, "settings-requests"),
    page(f"{_SETTINGS}/status/", settings_status.status, "settings-status"),
    page(f"{_SETTINGS}/delete/", settings.delete, "settings-delete"),
    # /status/<address>/: what everybody may see
    path("status/<slug:address>/", status.page, name="status"),
    re_path(rf"{_BADGE}/badge\.(?P<form>svg|json)$", status.badge_of_all, name="badge"),
    re_path(
        rf"{_BADGE}/(?P<monitor_id>[0-9]{{1,18}})\.(?P<form>svg|json)$",
        status.badge_of_one,
        name="badge-of-one",
    ),
    # /background/: what the workers do, for staff
    page("background/", background.background, "background"),
    # /applications/<id>/alerts/: what is wrong, what is looked for, who is told
    page(f"{_ALERTS}/", alerts.alerts, "alerts"),
    page(f"{_ALERTS}/log/<int:notification_id>/again/", alerts.again, "notification-again"),
    page(f"{_ALERTS}/rules/usual/", alert_rules.take_usual, "alert-rules-usual"),
    page(f"{_ALERTS}/rules/new/<str:kind>/", alert_rules.new, "alert-rule-new"),
    page(f"{_ALERTS}/rules/preview/<str:kind>/", alert_rules.previewed, "alert-rule-preview"),
    page(f"{_ALERTS}/rules/<int:rule_id>/", alert_rules.rule, "alert-rule"),
    page(f"{_ALERTS}/rules/<int:rule_id>/delete/", alert_rules.delete, "alert-rule-delete"),
    page(f"{_ALERTS}/channels/new/<str:channel_kind>/", alert_channels.new, "alert-channel-new"),
    page(f"{_ALERTS}/channels/<int:channel_id>/", alert_channels.channel, "alert-channel"),
    page(
        f"{_ALERTS}/channels/<int:channel_id>/delete/",
        alert_channels.delete,
        "alert-channel-delete",
    ),
    page(f"{_ALERTS}/channels/<int:channel_id>/test/", alert_channels.test, "alert-channel-test"),
    # /client/: what services send with
    path("client/", client.found_by_pip, name="client"),
    path("client/<str:name>", client.downloaded, name="client-wheel"),
    # /account/
    path("account/sign-in/", account.SignIn.as_view(), name="sign-in"),
    path("account/sign-out/", account.SignOut.as_view(), name="sign-out"),
    page("account/", account.account, "account"),
    page("account/preferences/", account.preferences, "preferences"),
    page("account/email/", account.email, "email"),
    page("account/password/", account.PasswordChange.as_view(), "password"),
    page("account/tokens/", account.create_token, "token-create"),
    page("account/tokens/revoke/", account.revoke_token, "token-revoke"),
]
