"""The page of one monitor."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from applications import access
from dashboard import heartbeat_snippets
from dashboard.monitor_checks import checks, monitor_state
from dashboard.monitor_forms import next_due
from dashboard.monitor_page import monitor_page
from dashboard.monitor_states import days_left, sentence, state, target_in_short
from monitors import targets
from monitors.models import Monitor
from monitors.records import HeartbeatTarget


@require_safe
def monitor(request: HttpRequest, application_id: int, monitor_id: int) -> HttpResponse:
    application = access.readable_application(request.user, application_id)
    found = get_object_or_404(Monitor, application=application, pk=monitor_id)
    shown = monitor_state(found, request.GET)
    now = timezone.now()
    ends = found.certificate_until
    context = {
        "application": application,
        "monitor": found,
        "may_write": access.may_write(request.user, application),
        "state": state(found),
        "sentence": sentence(found, now),
        "target": target_in_short(found),
        "kind": targets.kinds()[found.kind],
        "certificate": days_left(ends, now) if ends else None,
        "shown": shown,
        "page": monitor_page(found, shown.range, now),
        "checks": checks(shown, shown.range.span(now)),
        "heartbeat": _heartbeat(request, found),
    }
    return render(request, "dashboard/monitor.html", context)


def _heartbeat(request: HttpRequest, found: Monitor) -> dict[str, object] | None:
    """What a job calls, and when it is due; None of what is asked."""
    target = targets.read(found.kind, found.target)
    if not isinstance(target, HeartbeatTarget):
        return None
    address = request.build_absolute_uri(f"/ping/{found.ping_key}")
    return {
        "address": address,
        "ways": heartbeat_snippets.ways(address, target),
        "next_due": next_due(target, found.awaited_from or timezone.now()),
    }
