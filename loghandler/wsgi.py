"""The entry of the web server."""

import os
from collections.abc import Callable
from typing import Any

from django import db
from django.conf import settings
from django.core import cache
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from gunicorn.http.errors import ParseException

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loghandler.settings")


class _ServersInput:
    """The server's own input; chunks that are broken or cut short are a failure to read."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, *size: int) -> bytes:
        return self._tried(self._stream.read, *size)

    def readline(self, *size: int) -> bytes:
        return self._tried(self._stream.readline, *size)

    def _tried(self, read: Callable[..., bytes], *size: int) -> bytes:
        try:
            return read(*size)
        except ParseException as error:
            raise OSError(f"The body's chunks are broken: {error}") from error


class Request(WSGIRequest):
    """A request whose chunked body can be read.

    Django takes a body without CONTENT_LENGTH for an empty one (ticket 35838); where the server
    promises that its input ends with the body, that input is the stream. `ingest/body.py` caps it.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        super().__init__(environ)
        if not environ.get("CONTENT_LENGTH") and environ.get("wsgi.input_terminated"):
            self._stream = _ServersInput(environ["wsgi.input"])  # type: ignore[assignment]


database: dict[str, Any] = settings.DATABASES["default"]
database["OPTIONS"]["pool"] = settings.CONNECTION_POOL
get_wsgi_application()  # sets Django up
application = WSGIHandler()
application.request_class = Request

# What a request used is given back at its end, which is enough: a tenth of the cost of storing an
# event went into looking for it four times (docs/decisions/006-short-way.md).
if not settings.DEBUG:
    request_started.disconnect(db.reset_queries)
request_started.disconnect(db.close_old_connections)
request_finished.disconnect(cache.close_caches)
