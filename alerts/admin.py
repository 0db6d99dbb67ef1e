"""The admin of alerts: rules, channels, what held and what was sent, to look at.

Pages of theirs change them; what may be secret of a channel is not shown.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch
from django.http import HttpRequest

from alerts import kinds
from alerts.models import Alert, Channel, Notification, Rule
from applications.only_to_look_at import OfApplications
from dashboard.alert_words import destination, sentence
from dashboard.wording import length
from events.display import excerpt, visible
from monitors.models import Monitor

_LONGEST = 100


@admin.register(Rule)
class RuleAdmin(OfApplications):
    page_view = "dashboard:alert-rule"
    list_display = ["name", "application", "kind", "looks_for", "tells", "active"]
    list_filter = ["active", "kind", "application"]
    search_fields = ["name"]
    fields = [
        "application", "name", "page", "kind", "looks_for", "tells", "active", "created_at",
        "evaluated_until",
    ]  # fmt: skip
    readonly_fields = ["page", "looks_for", "tells"]

    def get_queryset(self, request: HttpRequest) -> Any:
        names = Monitor.objects.only("application_id", "name").order_by()
        monitors = Prefetch("application__monitors", names)
        return super().get_queryset(request).prefetch_related("channels", monitors)

    @admin.display(description="Looks for")
    def looks_for(self, rule: Rule) -> str:
        names = {monitor.pk: monitor.name for monitor in rule.application.monitors.all()}
        return visible(sentence(kinds.condition(rule.kind, rule.condition), names))

    @admin.display(description="Tells", empty_value="nobody")
    def tells(self, rule: Rule) -> str:
        return visible(", ".join(channel.name for channel in rule.channels.all()))


@admin.register(Channel)
class ChannelAdmin(OfApplications):
    page_view = "dashboard:alert-channel"
    list_display = ["name", "application", "kind", "goes_to", "most_per_hour", "quiet", "active"]
    list_filter = ["active", "kind", "application"]
    search_fields = ["name"]
    fields = [
        "application", "name", "page", "kind", "goes_to", "most_per_hour", "quiet", "active",
        "created_at",
    ]  # fmt: skip
    readonly_fields = ["page", "goes_to", "quiet"]

    @admin.display(description="Goes to")
    def goes_to(self, channel: Channel) -> str:
        return visible(destination(kinds.address(channel.kind, channel.address)))

    @admin.display(description="Quiet", empty_value="never")
    def quiet(self, channel: Channel) -> str | None:
        if channel.quiet_from is None or channel.quiet_until is None:
            return None
        return f"{channel.quiet_from:%H:%M} to {channel.quiet_until:%H:%M}, {channel.zone}"


class _Titled(OfApplications):
    @admin.display(description="Title")
    def told(self, row: Alert | Notification) -> str:
        return visible(excerpt(row.title, _LONGEST))


@admin.register(Alert)
class AlertAdmin(_Titled):
    list_display = ["told", "application", "rule", "begin", "end", "lasted"]
    list_filter = [("end", admin.EmptyFieldListFilter), "application"]
    list_select_related = ["application", "rule"]
    search_fields = ["title"]
    fields = ["application", "rule", "told", "text", "begin", "end"]
    readonly_fields = ["told"]

    @admin.display(description="Lasted", empty_value="–")
    def lasted(self, alert: Alert) -> str | None:
        return length(alert.end - alert.begin) if alert.end and alert.end > alert.begin else None


@admin.register(Notification)
class NotificationAdmin(_Titled):
    list_display = ["told", "application", "channel", "state", "created_at", "attempts", "why"]
    list_filter = ["state", "tells", "application"]
    list_select_related = ["application", "channel"]
    search_fields = ["title"]
    fields = [
        "application", "channel", "told", "text", "tells", "state", "why", "attempts", "created_at",
        "due_at", "attempted_at", "sent_at", "maybe_sent",
    ]  # fmt: skip
    readonly_fields = ["told", "why"]

    @admin.display(description="Why not", empty_value="–")
    def why(self, notification: Notification) -> str | None:
        return visible(excerpt(notification.failure, _LONGEST)) or None
