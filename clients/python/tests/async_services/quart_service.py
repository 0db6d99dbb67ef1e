"""Quart, with a blueprint."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AbstractAsyncContextManager

from clients.python.tests.async_services.serving import parts, under_uvicorn
from quart import Blueprint, Quart, Response, abort, request

from loghandler_client import Client
from loghandler_client.quart import Config, attach

logger = logging.getLogger("shop")
base = Blueprint("base", __name__)
shop = Blueprint("shop", __name__, url_prefix="/shop/<shop>")


@base.get("/items/<int:item>")
async def item(item: int) -> str:
    return f"item {item}"


@shop.get("/orders/<int:item>")
async def order(shop: str, item: int) -> str:
    return f"item {item}"


@base.post("/echo")
async def echo() -> tuple[bytes, int]:
    return await request.get_data(), 201


@base.get("/streamed")
async def streamed() -> Response:
    return Response(parts())


@base.get("/half")
async def half() -> Response:
    return Response(parts(fail=True))


@base.get("/broken/<number>")
async def broken(number: str) -> str:
    await asyncio.sleep(0.05)
    raise ValueError(number)


@base.get("/logged")
async def logged() -> str:
    try:
        raise ValueError("Logged.")
    except ValueError:
        logger.exception("It failed.")
        raise


@base.get("/refused")
async def refused() -> str:
    abort(403)


def serving(port: int, client: Client, config: Config) -> AbstractAsyncContextManager[None]:
    app = Quart(__name__)
    app.register_blueprint(base)
    app.register_blueprint(shop)
    attach(app, config=config, client=client)
    return under_uvicorn(app, port)
