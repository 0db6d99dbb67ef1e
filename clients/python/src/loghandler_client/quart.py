"""Quart: attach(app, "…", Config(server_url="https://…"))."""

from __future__ import annotations

from typing import Any, Optional

from quart import Quart, got_request_exception, request, request_started

from loghandler_client.asgi import RequestMiddleware, Scope
from loghandler_client.client import Client
from loghandler_client.patterns import of_converters
from loghandler_client.requests import REQUEST, ROUTE, Config, note_error

__all__ = ["Config", "attach"]


def attach(
    app: Quart,
    api_key: Optional[str] = None,
    config: Optional[Config] = None,
    *,
    client: Optional[Client] = None,
) -> None:
    """Tell every request of the app; mappers are given Quart's."""
    inner: Any = app.asgi_app
    app.asgi_app = _Middleware(inner, api_key, config, client=client)  # type: ignore[assignment,method-assign]
    request_started.connect(_started, app)
    got_request_exception.connect(_raised, app)


async def _started(_app: Quart, **_: Any) -> None:
    scope: Any = request.scope
    scope[REQUEST] = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    if request.url_rule is not None:
        scope[ROUTE] = of_converters(request.url_rule.rule)


async def _raised(_app: Quart, exception: Exception, **_: Any) -> None:
    note_error(request.scope, exception)


class _Middleware(RequestMiddleware):
    framework = "Quart"

    def request(self, scope: Scope) -> Any:
        return scope.get(REQUEST)
