"""Falcon: app = Analytics(falcon.App(), "…", Config(server_url="https://…"))."""

from __future__ import annotations

from typing import Any, Optional

from falcon import App, Request, Response

from loghandler_client.client import Client
from loghandler_client.patterns import of_braces
from loghandler_client.requests import REQUEST, ROUTE, Config, note_error
from loghandler_client.wsgi import RequestMiddleware

__all__ = ["Analytics", "Config"]


class Analytics(RequestMiddleware):
    """Tells every request; mappers are given Falcon's."""

    framework = "Falcon"

    def __init__(
        self,
        app: App[Any, Any],
        api_key: Optional[str] = None,
        config: Optional[Config] = None,
        *,
        client: Optional[Client] = None,
    ) -> None:
        super().__init__(app, api_key, config, client=client)
        app.add_middleware(_Notes())
        _watch_errors(app)


def _watch_errors(app: App[Any, Any]) -> None:
    """Note what the handler of all exceptions is given, which goes on making the answer.

    There is an error reporter from Falcon 4.4 on, but only one: the service's own.
    """
    handle = getattr(app, "_error_handlers", {}).get(Exception)
    if handle is None:
        return

    def handled(request: Request, response: Response, error: Any, params: Any) -> None:
        note_error(request.env, error)
        handle(request, response, error, params)

    app.add_error_handler(Exception, handled)


class _Notes:
    """A component that leaves the request and its template in the environ."""

    def process_request(self, request: Request, _response: Response) -> None:
        request.env[REQUEST] = request

    def process_resource(
        self, request: Request, _response: Response, _resource: Any, _params: Any
    ) -> None:
        if request.uri_template:
            request.env[ROUTE] = of_braces(request.uri_template)
