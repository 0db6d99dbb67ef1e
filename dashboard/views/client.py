"""The client for Python, for pip: public, for it holds no secret, and whoever sends installs it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from dashboard.client_wheel import wheel


@require_safe
def found_by_pip(request: HttpRequest) -> HttpResponse:
    """A page of links, as `pip install --find-links` reads: it outlives the wheel's version."""
    found = wheel()
    link = f'<a href="{found.name}#sha256={found.sha256}">{found.name}</a>'
    return HttpResponse(f"<!DOCTYPE html><title>The client for Python</title>{link}")


@require_safe
@cache_control(max_age=86_400)
def downloaded(request: HttpRequest, name: str) -> HttpResponse:
    found = wheel()
    if name != found.name:
        raise Http404(f"There is {found.name} alone.")
    return HttpResponse(found.content, content_type="application/zip")
