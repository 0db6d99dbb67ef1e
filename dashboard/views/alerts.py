"""Alerts of an application: what is wrong now, what is looked for, who is told."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from alerts import notifying
from alerts.suggestions import suggestions
from applications import access
from dashboard.alert_forms import CHANNEL_FORMS, RULE_FORMS, offered
from dashboard.alert_rows import alerts_page
from dashboard.wording import line


@require_safe
def alerts(request: HttpRequest, application_id: int) -> HttpResponse:
    application = access.readable_application(request.user, application_id)
    page = alerts_page(application)
    context = {
        "application": application,
        "tab": "alerts",
        "may_write": access.may_write(request.user, application),
        "page": page,
        "usual": suggestions({row.rule.kind for row in page.rules}),
        "rule_kinds": offered(RULE_FORMS),
        "channel_kinds": offered(CHANNEL_FORMS),
    }
    return render(request, "dashboard/alerts.html", context)


@require_POST
def again(request: HttpRequest, application_id: int, notification_id: int) -> HttpResponse:
    """Send a message once more."""
    application = access.writable_application(request.user, application_id)
    notification = get_object_or_404(application.notification_set, pk=notification_id)
    notifying.again(notification)
    messages.success(request, f"“{line(notification.title, 100)}” is sent once more.")
    return redirect("dashboard:alerts", application_id)
