"""Who sends: the ingest key of a request, and the application that it opens."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.request import Request

from applications import access
from applications.authentication import working_key
from applications.key_cache import CachedKey
from applications.models import Application, Key


@dataclass(frozen=True, slots=True)
class Sender:
    """Whoever holds an ingest key: may send to its application, sees nothing."""

    key: CachedKey
    is_authenticated: bool = True
    is_staff: bool = False


def sent_key(request: HttpRequest | Request) -> CachedKey:
    """The ingest key that the request shows. Raises AuthenticationFailed or NotAuthenticated."""
    secret = request.META.get("HTTP_X_INGEST_KEY")
    if not secret:
        raise NotAuthenticated("Send the application's ingest key as X-INGEST-KEY.")
    return working_key(secret, Key.INGEST)


# In a path instead of an application's id: that of the key.
OWN = "-"


def check_application(key: CachedKey, application_id: str) -> int:
    """The application's id, if the key opens it. Raises Http404 or PermissionDenied."""
    if application_id not in {OWN, str(key.application_id)}:
        application = access.with_id(Application.objects.existing(), application_id)
        if application.pk != key.application_id:  # it is where the path says 007
            raise PermissionDenied(f"The key {key.prefix}… belongs to another application.")
    if not key.application_active:
        raise PermissionDenied("This application is inactive and takes no events.")
    return key.application_id


class IngestKeyAuthentication(BaseAuthentication):
    """The `X-INGEST-KEY` header; nothing else opens ingestion, not even open API access."""

    def authenticate(self, request: Request) -> tuple[Any, Any]:
        key = sent_key(request)
        return Sender(key), key

    def authenticate_header(self, request: Request) -> str:
        return "X-INGEST-KEY"
