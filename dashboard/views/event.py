"""An event's page, and its texts as files."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from applications import access
from applications.models import Application
from dashboard.event_page import event_page
from dashboard.event_texts import whole_text
from events.models import Event


@require_safe
def event(request: HttpRequest, application_id: int, event_id: UUID) -> HttpResponse:
    application = access.readable_application(request.user, application_id)
    found = _identified(application, event_id)
    if found is None:
        context = {"application": application}
        return render(request, "dashboard/no_event.html", context, status=404)
    page = event_page(found, timezone.now(), *_addresses(request, found))
    return render(request, "dashboard/event.html", {"application": application, "page": page})


@require_safe
def as_text(request: HttpRequest, application_id: int, event_id: UUID, name: str) -> HttpResponse:
    application = access.readable_application(request.user, application_id)
    found = _identified(application, event_id)
    text = found and whole_text(found, name, *_addresses(request, found))
    if text is None:
        raise Http404("There is no such text.")
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _identified(application: Application, event_id: UUID) -> Event | None:
    return Event.objects.of(application.pk).identified(event_id).first()


def _addresses(request: HttpRequest, found: Event) -> tuple[str, str]:
    """The address of the event's page and that of the service, as they are outside of it."""
    page = reverse("dashboard:event", args=[found.application_id, found.pk])
    return request.build_absolute_uri(page), request.build_absolute_uri("/")
