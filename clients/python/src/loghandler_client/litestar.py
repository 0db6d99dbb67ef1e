"""Litestar: attach(app, "…", Config(server_url="https://…"))."""

from __future__ import annotations

from typing import Any, Optional

from litestar import Litestar, Request

from loghandler_client.asgi import RequestMiddleware, Scope
from loghandler_client.client import Client
from loghandler_client.requests import Config, note_error

__all__ = ["Config", "attach"]


def attach(
    app: Litestar,
    api_key: Optional[str] = None,
    config: Optional[Config] = None,
    *,
    client: Optional[Client] = None,
) -> None:
    """Tell every request of the app; mappers are given Litestar's.

    A middleware in the app's own list would not meet what is not found.
    """
    app.asgi_handler = _Middleware(app.asgi_handler, api_key, config, client=client)  # type: ignore[arg-type,assignment]
    app.after_exception.append(_raised)


async def _raised(error: Exception, scope: Any) -> None:
    note_error(scope, error)


class _Middleware(RequestMiddleware):
    framework = "Litestar"

    def request(self, scope: Scope) -> Any:
        return Request(scope)  # type: ignore[arg-type]
