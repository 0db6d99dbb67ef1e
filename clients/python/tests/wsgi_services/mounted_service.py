"""Applications of several kinds below one middleware; one is plain WSGI."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

from clients.python.tests.wsgi_services import bottle_service, settings
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from loghandler_client.wsgi import RequestMiddleware


def plain(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Writes, or makes an answer of an error, as PEP 3333 has both."""
    headers = [("Content-Type", "text/plain")]
    if environ["PATH_INFO"] == "/write":
        start_response("200 OK", headers)(b"written, ")
        return [b"and returned"]
    start_response("200 OK", headers)
    try:
        raise ValueError("of plain WSGI")
    except ValueError:
        start_response("500 Oh", headers, sys.exc_info())
        return [b"sorry"]


app = RequestMiddleware(
    DispatcherMiddleware(
        bottle_service.service, {"/plain": plain, "/more": bottle_service.service}
    ),
    settings.KEY,
    settings.config(),
)
