"""What the views of monitors have in common: whose they are, and who may change them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseForm
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


def tell(form: BaseForm, errors: ValidationError | ValueError, *, otherwise: str) -> None:
    """Show what is wrong next to the fields; what is of none of them next to `otherwise`."""
    by_field: dict[str, Any] = {NON_FIELD_ERRORS: [str(errors)]}
    if isinstance(errors, ValidationError):
        by_field = errors.message_dict
    for name, sentences in by_field.items():
        for sentence in sentences:
            form.add_error(name if name in form.fields else otherwise, sentence)
