"""Channels of an application: made, changed, tried, deleted."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from alerts import changes, notifying
from alerts.models import Channel
from applications import access
from applications.models import Application
from dashboard.alert_forms import CHANNEL_FORMS, ChannelForm, initial_of
from dashboard.form_errors import tell
from dashboard.preferences import zone_names


def new(request: HttpRequest, application_id: int, channel_kind: str) -> HttpResponse:
    application = access.writable_application(request.user, application_id)
    form_class = _form(channel_kind)
    form = form_class(request.POST or None, initial={"name": form_class.heading.split(",")[0]})
    return _saved_or_shown(request, application, Channel(application=application), form)


def channel(request: HttpRequest, application_id: int, channel_id: int) -> HttpResponse:
    application = access.writable_application(request.user, application_id)
    found = get_object_or_404(application.channels, pk=channel_id)
    form = _form(found.kind)(request.POST or None, initial=initial_of(found))
    return _saved_or_shown(request, application, found, form)


@require_POST
def delete(request: HttpRequest, application_id: int, channel_id: int) -> HttpResponse:
    application = access.writable_application(request.user, application_id)
    found = get_object_or_404(application.channels, pk=channel_id)
    found.delete()
    messages.success(request, f"The channel {found.name} is deleted.")
    return redirect("dashboard:alerts", application_id)


@require_POST
def test(request: HttpRequest, application_id: int, channel_id: int) -> HttpResponse:
    """Send a message that says what a message looks like."""
    application = access.writable_application(request.user, application_id)
    found = get_object_or_404(application.channels, pk=channel_id)
    notifying.test(found)
    messages.info(request, f"A message goes to {found.name}: what became of it stands below.")
    return redirect("dashboard:alerts", application_id)


def _saved_or_shown(
    request: HttpRequest, application: Application, channel: Channel, form: ChannelForm
) -> HttpResponse:
    if form.is_valid():
        try:
            changes.save_channel(channel, form.found(), **form.settings())
        except ValidationError as error:
            tell(form, error, otherwise=None)
        else:
            messages.success(request, f"The channel {channel.name} is saved.")
            return redirect("dashboard:alerts", application.pk)
    context = {
        "application": application,
        "tab": "alerts",
        "may_write": True,
        "channel": channel,
        "form": form,
        "zones": zone_names(),
    }
    return render(request, "dashboard/alert_channel.html", context)


def _form(kind: str) -> type[ChannelForm]:
    try:
        return CHANNEL_FORMS[kind]
    except KeyError:
        raise Http404("There is no such kind of channel.") from None
