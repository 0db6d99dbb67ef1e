"""Who asks: the reader of a REST request."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from knox.auth import TokenAuthentication
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from applications import access, key_cache, keys
from applications.models import Key

# What to tell the holder of a key of the other kind than the one that is wanted.
_OTHER_KIND = {
    Key.READ: "The key {prefix}… is for sending; use a read key here.",
    Key.INGEST: "The key {prefix}… is for reading; use an ingest key here.",
}


class RestAuthentication(BaseAuthentication):
    """A user's token or a read key of the request's headers, else the session, else anyone.

    A credential that is sent must be good, whatever else the request carries: a mistyped key
    must not turn into the wider access of a session or of an open installation.
    """

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        scheme, _, secret = request.headers.get("Authorization", "").strip().partition(" ")
        match scheme.lower():
            case "token":
                return _token_holder(secret.strip())
            case "bearer":
                return _key_holder(secret)
        if "X-Auth-Token" in request.headers:
            return _key_holder(request.headers["X-Auth-Token"])
        if session := SessionAuthentication().authenticate(request):
            return session
        if scheme:  # after the session: a proxy's Basic credentials come beside it
            raise AuthenticationFailed(f"Use 'Token' or 'Bearer' instead of {scheme[:20]!r}.")
        return _anyone(request) if settings.API_ACCESS == "open" else None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Log Handler", Token realm="Log Handler"'


def _token_holder(token: str) -> tuple[Any, Any]:
    # Knox decodes and queries what it is given: a byte that it can't would be a 500.
    if not (token.isascii() and token.isalnum()):
        raise AuthenticationFailed("This is not a token of Log Handler.")
    holder: tuple[Any, Any] = TokenAuthentication().authenticate_credentials(token.encode())
    return holder


def working_key(secret: str, kind: str) -> key_cache.CachedKey:
    """The key of this secret, its use noted. Raises AuthenticationFailed with the reason."""
    key = key_cache.look_up(secret)
    if key is None:
        raise AuthenticationFailed("There is no such key.")
    if not key.works_at(timezone.now()):
        raise AuthenticationFailed(key_cache.ended_sentence(key))
    if key.kind != kind:
        raise AuthenticationFailed(_OTHER_KIND[kind].format(prefix=key.prefix))
    keys.mark_used(key.id)
    return key


def _key_holder(secret: str) -> tuple[access.KeyHolder, key_cache.CachedKey]:
    key = working_key(secret, Key.READ)
    return access.KeyHolder(key.application_id), key


def _anyone(request: Request) -> tuple[access.Anyone, None]:
    """Open access, except for the pages of other sites in the browser of someone who has it."""
    host = request.get_host()  # refuses names that are not ours: DNS rebinding
    site = request.headers.get("Sec-Fetch-Site", "none")
    origin = request.headers.get("Origin")
    if site not in {"same-origin", "none"} or (origin and origin.partition("://")[2] != host):
        raise PermissionDenied("Pages of other sites can't use this service without credentials.")
    return access.Anyone(), None
