"""Sanic under its own server, with a blueprint."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from clients.python.tests.async_services.serving import parts
from sanic import Blueprint, HTTPResponse, Request, Sanic, raw, text
from sanic.exceptions import Forbidden

from loghandler_client import Client
from loghandler_client.sanic import Config, attach

logger = logging.getLogger("shop")

Sanic.test_mode = True  # it can be started several times


async def item(request: Request, item: int, shop: str = "") -> HTTPResponse:
    return text(f"item {item}")


async def echo(request: Request) -> HTTPResponse:
    return raw(request.body, 201)


async def streamed(request: Request, *, fail: bool = False) -> None:
    response = await request.respond()
    async for part in parts(fail=fail):
        await response.send(part)


async def half(request: Request) -> None:
    await streamed(request, fail=True)


async def broken(request: Request, number: str) -> HTTPResponse:
    await asyncio.sleep(0.05)
    raise ValueError(number)


async def logged(request: Request) -> HTTPResponse:
    try:
        raise ValueError("Logged.")
    except ValueError:
        logger.exception("It failed.")
        raise


async def refused(request: Request) -> HTTPResponse:
    raise Forbidden


def named() -> Sanic[Any, Any]:
    return Sanic(f"shop-{uuid.uuid4().hex}", configure_logging=False)


def serving(port: int, client: Client, config: Config) -> AbstractAsyncContextManager[None]:
    app = named()
    shop = Blueprint("shop", url_prefix="/shop/<shop>")
    shop.add_route(item, "/orders/<item:int>")
    app.add_route(item, "/items/<item:int>", methods=["GET", "HEAD"])
    app.add_route(echo, "/echo", methods=["POST"])
    app.add_route(streamed, "/streamed")
    app.add_route(half, "/half")
    app.add_route(broken, "/broken/<number>")
    app.add_route(logged, "/logged")
    app.add_route(refused, "/refused")
    app.blueprint(shop)
    attach(app, config=config, client=client)
    return listening(app, port)


@asynccontextmanager
async def listening(app: Sanic[Any, Any], port: int) -> AsyncIterator[None]:
    server = await app.create_server("127.0.0.1", port, return_asyncio_server=True)
    assert server is not None
    await server.startup()
    await server.before_start()
    await server.start_serving()
    yield
    server.close()
    await server.wait_closed()
