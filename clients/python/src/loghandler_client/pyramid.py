"""Pyramid: app = Analytics(config.make_wsgi_app(), "…", Config(server_url="https://…"))."""

from __future__ import annotations

from typing import Any, Optional

from pyramid.httpexceptions import HTTPException  # type: ignore[import-untyped]
from pyramid.interfaces import IBeforeTraversal, INewRequest, INewResponse  # type: ignore[import-untyped]

from loghandler_client.client import Client
from loghandler_client.patterns import of_braces
from loghandler_client.requests import REQUEST, ROUTE, Config, note_error
from loghandler_client.wsgi import RequestMiddleware

__all__ = ["Analytics", "Config"]


class Analytics(RequestMiddleware):
    """Tells every request; mappers are given Pyramid's."""

    framework = "Pyramid"

    def __init__(
        self,
        app: Any,
        api_key: Optional[str] = None,
        config: Optional[Config] = None,
        *,
        client: Optional[Client] = None,
    ) -> None:
        super().__init__(app, api_key, config, client=client)
        app.registry.registerHandler(_note_request, (INewRequest,))
        app.registry.registerHandler(_note_route, (IBeforeTraversal,))
        app.registry.registerHandler(_note_error, (INewResponse,))


def _note_request(event: Any) -> None:
    event.request.environ[REQUEST] = event.request


def _note_route(event: Any) -> None:
    route = event.request.matched_route
    if route is not None:
        event.request.environ[ROUTE] = of_braces(route.pattern)


def _note_error(event: Any) -> None:
    """An exception view may have made the answer."""
    error = event.request.exception
    if error is not None and not isinstance(error, HTTPException):
        note_error(event.request.environ, error)
