"""The entry of the web server."""

import os
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
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
