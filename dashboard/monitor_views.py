"""What the views of monitors have in common: whose they are, and who may change them."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from applications import access
from monitors.models import Monitor


def button(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view of a button on a monitor's page, for those who may write: given the monitor.

    Who merely opens its address, as after a sign-in in between, is shown the page.
    """

    @wraps(view)
    def checked(request: HttpRequest, application_id: int, monitor_id: int) -> HttpResponse:
        application = access.writable_application(request.user, application_id)
        monitor = get_object_or_404(Monitor, application=application, pk=monitor_id)
        if request.method != "POST":
            return redirect("dashboard:monitor", application_id, monitor_id)
        return view(request, monitor)

    return checked
