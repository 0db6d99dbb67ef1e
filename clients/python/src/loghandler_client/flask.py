"""Flask: add_middleware(app, "…", Config(server_url="https://…"))."""

from __future__ import annotations

from typing import Any, Optional

from flask import Flask, got_request_exception, request, request_started
from werkzeug.exceptions import HTTPException

from loghandler_client.client import Client
from loghandler_client.patterns import of_converters
from loghandler_client.requests import REQUEST, ROUTE, Config, note_error
from loghandler_client.wsgi import RequestMiddleware

__all__ = ["Config", "add_middleware"]


def add_middleware(
    app: Flask,
    api_key: Optional[str] = None,
    config: Optional[Config] = None,
    *,
    client: Optional[Client] = None,
) -> None:
    """Tell every request of the app; mappers are given Flask's."""
    app.wsgi_app = RequestMiddleware(  # type: ignore[method-assign]
        app.wsgi_app, api_key, config, client=client, framework="Flask"
    )
    handle = app.handle_user_exception

    def handled(error: Exception) -> Any:
        """An errorhandler may take it, of which Flask sends no signal."""
        if not isinstance(error, HTTPException):
            note_error(request.environ, error)
        return handle(error)

    app.handle_user_exception = handled  # type: ignore[assignment,method-assign]
    request_started.connect(_started, app)
    got_request_exception.connect(_raised, app)


def _started(_app: Flask, **_: Any) -> None:
    """Flask takes its request out of the environ before the answer is sent."""
    asked = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    asked.environ[REQUEST] = asked
    if asked.url_rule is not None:
        asked.environ[ROUTE] = of_converters(asked.url_rule.rule)


def _raised(_app: Flask, exception: BaseException, **_: Any) -> None:
    note_error(request.environ, exception)
