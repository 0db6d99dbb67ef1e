"""What is answered where no view could: JSON under the REST API's paths, a page elsewhere."""

from typing import Any

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

REST_PATHS = ("/apps", "/schema")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _is_rest(request):
        return defaults.bad_request(request, exception)
    if isinstance(exception, DisallowedHost):
        return _refusal(400, "This service does not answer to this host name.")
    return _refusal(400, "The request can't be understood.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _is_rest(request):
        return defaults.permission_denied(request, exception)
    return _refusal(403, _sentence(exception) or "You may not do this.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _is_rest(request):
        return defaults.page_not_found(request, exception)
    return _refusal(404, _sentence(exception) or "There is nothing at this path.")


def server_error(request: HttpRequest) -> HttpResponse:
    if not _is_rest(request):
        return defaults.server_error(request)
    return _refusal(500, "The service failed. Its log says more.")


def _is_rest(request: HttpRequest) -> bool:
    return any(request.path == path or request.path.startswith(f"{path}/") for path in REST_PATHS)


def _sentence(exception: Exception) -> str:
    """The sentence that the exception was raised with; an unknown path carries a dict instead."""
    sentence: Any = exception.args[0] if exception.args else ""
    return sentence if isinstance(sentence, str) else ""


def _refusal(status: int, sentence: str) -> JsonResponse:
    return JsonResponse({"errors": {"detail": [sentence]}}, status=status)
