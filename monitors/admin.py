"""The admin of monitors: their state and what was down to look at; pages of theirs change them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from applications.only_to_look_at import OfApplications
from dashboard.monitor_states import target_in_short
from dashboard.wording import length, milliseconds
from events.display import excerpt, visible
from monitors.models import Maintenance, Monitor, Outage

_LONGEST = 100


@admin.register(Monitor)
class MonitorAdmin(OfApplications):
    page_view = "dashboard:monitor"
    list_display = [
        "name", "application", "kind", "shown", "state", "paused", "state_since", "checked_at",
        "took", "certificate_until",
    ]  # fmt: skip
    list_filter = ["state", "paused", "kind", "application"]
    search_fields = ["name"]
    fields = [
        "application", "name", "page", "kind", "shown", "interval_seconds", "timeout_seconds",
        "retries", "paused", "tags", "created_at", "state", "state_since", "why", "failed",
        "checked_at", "due_at", "certificate_until",
    ]  # fmt: skip
    readonly_fields = ["page", "shown", "why"]

    @admin.display(description="Target")
    def shown(self, monitor: Monitor) -> str:
        return visible(excerpt(target_in_short(monitor), _LONGEST))

    @admin.display(description="Took", ordering="duration_ms", empty_value="–")
    def took(self, monitor: Monitor) -> str | None:
        return None if monitor.duration_ms is None else milliseconds(monitor.duration_ms)

    @admin.display(description="Why", empty_value="–")
    def why(self, monitor: Monitor) -> str | None:
        return visible(monitor.words) or None


@admin.register(Outage)
class OutageAdmin(OfApplications):
    list_display = ["monitor", "application", "begin", "end", "lasted", "failure", "why"]
    list_display_links = None
    list_filter = ["failure", ("end", admin.EmptyFieldListFilter), "application"]
    list_select_related = ["application", "monitor"]
    search_fields = ["monitor__name"]

    @admin.display(description="Lasted")
    def lasted(self, outage: Outage) -> str:
        return length(outage.duration)

    @admin.display(description="Why")
    def why(self, outage: Outage) -> str:
        return visible(excerpt(outage.words, _LONGEST))


@admin.register(Maintenance)
class MaintenanceAdmin(OfApplications):
    """What has begun is history: a window is ended on its own page."""

    list_display = ["name", "application", "begin", "end", "cron", "zone", "minutes", "of"]
    list_display_links = None
    list_filter = ["application"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("monitors")

    @admin.display(description="Monitors")
    def of(self, maintenance: Maintenance) -> str:
        names = [monitor.name for monitor in maintenance.monitors.all()]
        return visible(excerpt(", ".join(names), _LONGEST)) or "all"
