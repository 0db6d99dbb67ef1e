"""How an application sends events, its first one, and what is refused of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from applications import access, keys
from applications.models import Key
from dashboard import shown_once
from dashboard.arrivals import arrivals
from dashboard.snippets import NO_KEY, REQUEST_WAYS, WAYS, request_ways, ways


@require_safe
def setup(request: HttpRequest, application_id: int) -> HttpResponse:
    application = access.readable_application(request.user, application_id)
    secrets = shown_once.take(request, application_id)
    key = next((one.text for one in secrets if one.kind == Key.INGEST), NO_KEY)
    server = request.build_absolute_uri("/")
    chosen = request.GET.get("with", "")
    chosen_request_way = request.GET.get("requests-with", "")
    context = {
        "application": application,
        "tab": "setup",
        "may_write": access.may_write(request.user, application),
        "arrivals": arrivals(application),
        "secrets": secrets,
        "valid_keys": application.keys.valid().filter(kind=Key.INGEST),
        "ways": ways(server, application_id, key),
        "chosen": chosen if chosen in WAYS else WAYS[0],
        "request_ways": request_ways(server, application_id, key),
        "chosen_request_way": (
            chosen_request_way if chosen_request_way in REQUEST_WAYS else REQUEST_WAYS[0]
        ),
        "placeholder": NO_KEY,
    }
    return render(request, "dashboard/setup.html", context)


@require_POST
def new_key(request: HttpRequest, application_id: int) -> HttpResponse:
    application = access.writable_application(request.user, application_id)
    issued = keys.issue(application, Key.INGEST)
    shown_once.keep(request, application_id, issued.secret)
    return redirect("dashboard:setup", application_id)
