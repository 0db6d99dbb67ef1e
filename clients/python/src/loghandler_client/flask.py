"""Flask: add_middleware(app, "…", Config(server_url="https://…"))."""

from __future__ import annotations

from typing import Any, Optional

from flask import Flask, got_request_exception, request
from werkzeug.exceptions import HTTPException

from loghandler_client.client import Client
from loghandler_client.requests import Config
from loghandler_client.wsgi import Environ, RequestMiddleware, note_error

__all__ = ["Config", "add_middleware"]


def add_middleware(
    app: Flask,
    api_key: Optional[str] = None,
    config: Optional[Config] = None,
    *,
    client: Optional[Client] = None,
) -> None:
    """Tell every request of the app; mappers are given Flask's."""
    app.wsgi_app = _Middleware(app.wsgi_app, api_key, config, client=client)  # type: ignore[method-assign]
    handle = app.handle_user_exception

    def handled(error: Exception) -> Any:
        """An errorhandler may take it, of which Flask sends no signal."""
        if not isinstance(error, HTTPException):
            note_error(request.environ, error)
        return handle(error)

    app.handle_user_exception = handled  # type: ignore[assignment,method-assign]
    got_request_exception.connect(_raised, app)


def _raised(_app: Flask, exception: BaseException, **_: Any) -> None:
    note_error(request.environ, exception)


class _Middleware(RequestMiddleware):
    framework = "Flask"

    def request(self, environ: Environ) -> Any:
        return environ.get("werkzeug.request")
