"""aiohttp under its own server, with an application in the application."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from aiohttp import web
from clients.python.tests.async_services.serving import parts

from loghandler_client import Client
from loghandler_client.aiohttp import Config, attach

logger = logging.getLogger("shop")


async def item(request: web.Request) -> web.Response:
    return web.Response(text=f"item {request.match_info['item']}")


async def echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read(), status=201)


async def streamed(request: web.Request, *, fail: bool = False) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    async for part in parts(fail=fail):
        await response.write(part)
    return response


async def half(request: web.Request) -> web.StreamResponse:
    return await streamed(request, fail=True)


async def broken(request: web.Request) -> web.Response:
    await asyncio.sleep(0.05)
    raise ValueError(request.match_info["number"])


async def logged(_request: web.Request) -> web.Response:
    try:
        raise ValueError("Logged.")
    except ValueError:
        logger.exception("It failed.")
        raise


async def refused(_request: web.Request) -> web.Response:
    raise web.HTTPForbidden


def serving(port: int, client: Client, config: Config) -> AbstractAsyncContextManager[None]:
    app, shop = web.Application(), web.Application()
    shop.add_routes([web.get(r"/orders/{item:\d+}", item)])
    app.add_routes(
        [
            web.get(r"/items/{item:\d+}", item),
            web.post("/echo", echo),
            web.get("/streamed", streamed),
            web.get("/half", half),
            web.get("/broken/{number}", broken),
            web.get("/logged", logged),
            web.get("/refused", refused),
        ]
    )
    app.add_subapp("/shop", shop)
    attach(app, config=config, client=client)
    return listening(app, port)


@asynccontextmanager
async def listening(app: web.Application, port: int) -> AsyncIterator[None]:
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield
    await runner.cleanup()
