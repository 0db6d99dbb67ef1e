"""Settings of an application: its keys. A new secret waits in the session for its one showing."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from applications import expiry, keys
from applications.models import Application, Key
from dashboard import shown_once
from dashboard.settings_forms import KeyForm, RotationForm
from dashboard.settings_page import (
    back_to_settings,
    form_of_settings,
    held_kinds,
    settings_page,
)


@form_of_settings
def create(request: HttpRequest, application: Application) -> HttpResponse:
    form = KeyForm(request.POST)
    if not form.is_valid():
        return settings_page(request, application, key=form)
    kind, label = form.cleaned_data["kind"], form.cleaned_data["label"]
    issued = keys.issue(application, kind, label=label, expires_at=form.cleaned_data["expires"])
    shown_once.keep(request, application.pk, issued.secret, kind=kind)
    return back_to_settings(application)


@form_of_settings
def rotate(request: HttpRequest, application: Application) -> HttpResponse:
    valid = Key.objects.valid().filter(application=application)
    form = RotationForm(request.POST, kinds=held_kinds(valid))
    if not form.is_valid():
        return settings_page(request, application, rotation=form)
    kind = form.cleaned_data["kind"]
    rotation = keys.rotate(application, kind, grace=form.cleaned_data["grace"])
    shown_once.keep(request, application.pk, rotation.issued.secret, kind=kind)
    messages.info(request, f"It replaces {'; '.join(map(_ending, rotation.ending))}.")
    return back_to_settings(application)


def _ending(key: Key) -> str:
    end = timezone.localtime(key.ended_at)
    return f"{key.prefix}…, which works until {end:%-d %b %Y, %H:%M:%S}"


@form_of_settings
def keep(request: HttpRequest, application: Application, key_id: int) -> HttpResponse:
    key = get_object_or_404(application.keys, pk=key_id)
    expiry.keep(key)
    messages.success(request, f"The {key} is kept.")
    return back_to_settings(application)


@form_of_settings
def revoke(request: HttpRequest, application: Application, key_id: int) -> HttpResponse:
    key = get_object_or_404(application.keys, pk=key_id)
    keys.revoke(key)
    messages.success(request, f"The {key} has ended.")
    return back_to_settings(application)
