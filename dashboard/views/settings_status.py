"""Settings of an application: what everybody may see of its monitors."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from applications.models import Application
from dashboard.settings_forms import StatusPageForm
from dashboard.settings_page import (
    back_to_settings,
    form_of_settings,
    settings_page,
    status_page_of,
)


@form_of_settings
def status(request: HttpRequest, application: Application) -> HttpResponse:
    with transaction.atomic():
        # One after the other: of two that publish it, the second finds the page of the first.
        Application.objects.select_for_update(no_key=True).get(pk=application.pk)
        form = StatusPageForm(request.POST, instance=status_page_of(application))
        page = form.save() if form.is_valid() else None
    if page is None:
        return settings_page(request, application, status=form)
    told = "Everybody who knows its address sees it." if page.public else "Nobody else sees it."
    messages.success(request, f"The status page is saved. {told}")
    return back_to_settings(application)
