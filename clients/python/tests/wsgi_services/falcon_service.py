"""A Falcon service."""

from __future__ import annotations

from typing import Any

import falcon
from clients.python.tests.wsgi_services import settings
from falcon import Request, Response

from loghandler_client.falcon import Analytics


class Text:
    """What a function says of the route's values."""

    def __init__(self, view: Any) -> None:
        self._view = view

    def on_get(self, _request: Request, response: Response, **values: Any) -> None:
        response.text = self._view(**values)


class Stream:
    """The pieces of a function."""

    def __init__(self, view: Any) -> None:
        self._view = view

    def on_get(self, _request: Request, response: Response, **values: Any) -> None:
        response.stream = self._view(**values)


class Echo:
    def on_post(self, request: Request, response: Response) -> None:
        response.data = request.bounded_stream.read()
        response.status = falcon.HTTP_201


def refused() -> str:
    raise settings.Refused


def broken() -> str:
    raise settings.Broken("out of order")


def on_refused(_request: Request, response: Response, _error: Any, _params: Any) -> None:
    response.status = falcon.HTTP_418


def on_error(_request: Request, _response: Response, error: Any, _params: Any) -> None:
    if isinstance(error, settings.Broken):
        raise falcon.HTTPServiceUnavailable
    raise falcon.HTTPInternalServerError


service = falcon.App()
service.add_route("/items/{item:int(max=999999)}", Text("item {item}".format))
service.add_route("/echo", Echo())
service.add_route("/stream/{count:int}", Stream(settings.pieces))
service.add_route("/cut/{text}", Stream(settings.cut))
service.add_route("/boom/{text}", Text(settings.boom))
service.add_route("/logged/{text}", Text(settings.logged))
service.add_route("/refused", Text(refused))
service.add_route("/broken", Text(broken))
service.add_route("/shops/{shop}/orders/{state}/{rest:path}", Text("{shop} {state} {rest}".format))
service.add_route(settings.STATS, Text(settings.stats))
service.add_error_handler(settings.Refused, on_refused)
service.add_error_handler(Exception, on_error)
app = Analytics(service, settings.KEY, settings.config())
settings.log()
