"""A Flask service."""

from __future__ import annotations

from clients.python.tests.wsgi_services import settings
from flask import Blueprint, Flask, Response, request

from loghandler_client.flask import add_middleware

app = Flask(__name__)
add_middleware(app, settings.KEY, settings.config())
settings.log()
shop = Blueprint("shop", __name__, url_prefix="/shops/<shop>")


@app.get("/items/<int:item>")
def item(item: int) -> str:
    return f"item {item}"


@app.post("/echo")
def echo() -> tuple[bytes, int]:
    return request.get_data(), 201


@app.get("/stream/<int:count>")
def stream(count: int) -> Response:
    return Response(settings.pieces(count))


@app.get("/cut/<text>")
def cut(text: str) -> Response:
    return Response(settings.cut(text))


@app.get("/boom/<text>")
def boom(text: str) -> str:
    return settings.boom(text)


@app.get("/logged/<text>")
def logged(text: str) -> str:
    return settings.logged(text)


@app.get("/refused")
def refused() -> str:
    raise settings.Refused


@app.get("/broken")
def broken() -> str:
    raise settings.Broken("out of order")


@app.get(settings.STATS)
def stats() -> str:
    return settings.stats()


@app.errorhandler(settings.Refused)
def on_refused(_error: Exception) -> tuple[str, int]:
    return "", 418


@app.errorhandler(settings.Broken)
def on_broken(_error: Exception) -> tuple[str, int]:
    return "", 503


@shop.get("/orders/<any(open, paid):state>/<path:rest>")
def order(shop: str, state: str, rest: str) -> str:
    return f"{shop} {state} {rest}"


app.register_blueprint(shop)
