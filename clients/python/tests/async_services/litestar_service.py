"""Litestar, with a router."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AbstractAsyncContextManager
from typing import Any

from clients.python.tests.async_services.serving import parts, under_uvicorn
from litestar import Litestar, Request, Router, get, head, post
from litestar.background_tasks import BackgroundTask
from litestar.exceptions import PermissionDeniedException
from litestar.params import FromPath
from litestar.response import Response, Stream

from loghandler_client import Client
from loghandler_client.litestar import Config, attach

logger = logging.getLogger("shop")


@get("/items/{item:int}", media_type="text/plain")
async def item(item: FromPath[int]) -> str:
    return f"item {item}"


@head("/items/{item:int}")
async def item_alone(item: FromPath[int]) -> None: ...


@get("/orders/{item:int}", media_type="text/plain")
async def order(item: FromPath[int]) -> str:
    return f"item {item}"


@post("/echo")
async def echo(request: Request[Any, Any, Any]) -> Response[bytes]:
    return Response(await request.body(), status_code=201)


@get("/streamed")
async def streamed() -> Stream:
    return Stream(parts())


@get("/half")
async def half() -> Stream:
    return Stream(parts(fail=True))


@get("/broken/{number:str}")
async def broken(number: FromPath[str]) -> None:
    await asyncio.sleep(0.05)
    raise ValueError(number)


@get("/logged")
async def logged() -> None:
    try:
        raise ValueError("Logged.")
    except ValueError:
        logger.exception("It failed.")
        raise


@get("/refused")
async def refused() -> None:
    raise PermissionDeniedException


@get("/late")
async def late() -> Response[str]:
    return Response("done", background=BackgroundTask(asyncio.sleep, 0.5))


def serving(port: int, client: Client, config: Config) -> AbstractAsyncContextManager[None]:
    shop = Router("/shop/{shop:str}", route_handlers=[order])
    handlers = [item, item_alone, echo, streamed, half, broken, logged, refused, late, shop]
    app = Litestar(handlers)
    attach(app, config=config, client=client)
    return under_uvicorn(app, port)
