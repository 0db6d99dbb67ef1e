"""Flask: add_middleware(app, "…", Config(server_url="https://…"))."""

from __future__ import annotations

from typing import Any, Optional

from flask import Flask, got_request_exception

from loghandler_client.client import Client
from loghandler_client.requests import Config
from loghandler_client.wsgi import Environ, RequestMiddleware

__all__ = ["Config", "add_middleware"]


def add_middleware(
    app: Flask,
    api_key: Optional[str] = None,
    config: Optional[Config] = None,
    *,
    client: Optional[Client] = None,
) -> None:
    """Tell every request of the app; mappers are given Flask's."""
    middleware = _Middleware(app.wsgi_app, api_key, config, client=client)
    app.wsgi_app = middleware  # type: ignore[method-assign]

    def raised(_sender: Any, exception: BaseException, **_: Any) -> None:
        middleware.recorder.raised(exception)

    got_request_exception.connect(raised, app, weak=False)


class _Middleware(RequestMiddleware):
    framework = "Flask"

    def request(self, environ: Environ) -> Any:
        return environ.get("werkzeug.request")
