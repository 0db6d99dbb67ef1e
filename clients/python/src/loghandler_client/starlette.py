"""Starlette: app.add_middleware(Analytics, api_key="…", config=Config(server_url="https://…"))."""

from __future__ import annotations

from typing import Any, Optional

from loghandler_client.asgi import App, RequestMiddleware, Scope
from loghandler_client.client import Client
from loghandler_client.requests import Config

__all__ = ["Analytics", "Config"]


class Analytics(RequestMiddleware):
    """Tells every request; mappers are given Starlette's."""

    framework = "Starlette"

    def __init__(
        self,
        app: App,
        api_key: Optional[str] = None,
        config: Optional[Config] = None,
        *,
        client: Optional[Client] = None,
    ) -> None:
        super().__init__(app, api_key, config, client=client)

    def request(self, scope: Scope) -> Any:
        from starlette.requests import Request

        return Request(scope)
