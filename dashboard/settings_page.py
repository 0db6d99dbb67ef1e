"""The page of an application's settings, which several forms lead back to."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from applications import access
from applications.models import Application, Key
from dashboard import settings_forms as forms
from dashboard import shown_once
from monitors.models import StatusPage
from traffic import policies


def form_of_settings(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view of one form: for those who may write, and given the application.

    Who merely opens its address, as after a sign-in in between, is shown the page.
    """

    @wraps(view)
    def checked(request: HttpRequest, application_id: int, **more: Any) -> HttpResponse:
        application = access.writable_application(request.user, application_id)
        if request.method != "POST":
            return redirect("dashboard:settings", application_id)
        return view(request, application, **more)

    return checked


def settings_page(request: HttpRequest, application: Application, **sent: Any) -> HttpResponse:
    """The page; `sent` are forms as they were sent, with what is wrong, and previews."""
    keys = Key.objects.valid().filter(application=application).order_by("kind", "-created_at")
    policy = policies.stored(application.pk)
    context = {
        "application": application,
        "tab": "settings",
        "may_write": True,
        "secrets": shown_once.take(request, application.pk),
        "details": forms.DetailsForm(instance=application),
        "retention": forms.RetentionForm(initial={"days": application.retention_days}),
        "members": application.memberships.select_related("user").order_by("user__username"),
        "member": forms.MemberForm(),
        "keys": keys,
        "key": forms.KeyForm(),
        "rotation": forms.RotationForm(kinds=held_kinds(keys)),
        "events": forms.EventsForm(),
        "traffic": forms.TrafficForm(instance=policy),
        "exclusions": forms.ExclusionsForm(instance=policy),
        "requests": forms.RequestsForm(),
        "status": forms.StatusPageForm(instance=status_page_of(application)),
        "origin": request.build_absolute_uri("/").rstrip("/"),
        "deletion": forms.DeletionForm(application=application),
        **sent,
    }
    return render(request, "dashboard/settings.html", context)


def status_page_of(application: Application) -> StatusPage:
    """Its status page; by default there is none, and an address that nobody can guess."""
    found = StatusPage.objects.filter(application=application).first()
    return found or StatusPage(application=application, title=application.name)


def held_kinds(keys: Any) -> list[str]:
    """The kinds of these keys, in their order."""
    return list(dict.fromkeys(key.kind for key in keys))


def back_to_settings(application: Application) -> HttpResponse:
    """To the top of the page, where messages are: a form's address ends in its own place."""
    return redirect(reverse("dashboard:settings", args=[application.pk]) + "#top")
