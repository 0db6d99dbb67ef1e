"""A Bottle service."""

from __future__ import annotations

from collections.abc import Iterator

from bottle import Bottle, HTTPResponse, request, response
from clients.python.tests.wsgi_services import settings

from loghandler_client.wsgi import RequestMiddleware

service = Bottle()
shop = Bottle()


@service.get("/items/<item:int>")
def item(item: int) -> str:
    return f"item {item}"


@service.post("/echo")
def echo() -> HTTPResponse:
    return HTTPResponse(request.body.read(), 201)


@service.get("/stream/<count:int>")
def stream(count: int) -> Iterator[bytes]:
    return settings.pieces(count)


@service.get("/cut/<text>")
def cut(text: str) -> Iterator[bytes]:
    return settings.cut(text)


@service.get("/boom/<text>")
def boom(text: str) -> str:
    return settings.boom(text)


@service.get("/logged/<text>")
def logged(text: str) -> str:
    return settings.logged(text)


@service.get("/refused")
def refused() -> HTTPResponse:
    try:
        raise settings.Refused
    except settings.Refused:
        return HTTPResponse(status=418)


@service.get("/broken")
def broken() -> HTTPResponse:
    raise settings.Broken("out of order")


@service.get(settings.STATS)
def stats() -> str:
    return settings.stats()


@service.error(500)
def on_error(error: HTTPResponse) -> str:
    if isinstance(error.exception, settings.Broken):
        response.status = 503
    return "sorry"


@shop.get("/orders/<state:re:open|paid>/<rest:path>")
def order(state: str, rest: str, shop: str = "") -> str:
    return f"{shop} {state} {rest}"


service.mount("/shops/<shop>/", shop)
app = RequestMiddleware(service, settings.KEY, settings.config(), framework="Bottle")
settings.log()
