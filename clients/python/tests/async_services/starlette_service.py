"""Starlette, with a mounted application."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AbstractAsyncContextManager

from clients.python.tests.async_services.serving import parts, under_uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from loghandler_client import Client
from loghandler_client.starlette import Analytics, Config

logger = logging.getLogger("shop")


async def item(request: Request) -> Response:
    return PlainTextResponse(f"item {request.path_params['item']}")


async def echo(request: Request) -> Response:
    return Response(await request.body(), 201)


async def streamed(_request: Request) -> Response:
    return StreamingResponse(parts())


async def half(_request: Request) -> Response:
    return StreamingResponse(parts(fail=True))


async def broken(request: Request) -> Response:
    await asyncio.sleep(0.05)
    raise ValueError(request.path_params["number"])


async def logged(_request: Request) -> Response:
    try:
        raise ValueError("Logged.")
    except ValueError:
        logger.exception("It failed.")
        raise


async def refused(_request: Request) -> Response:
    raise HTTPException(403)


async def late(_request: Request) -> Response:
    return PlainTextResponse("done", background=BackgroundTask(asyncio.sleep, 0.5))


ROUTES = [
    Route("/items/{item:int}", item),
    Route("/echo", echo, methods=["POST"]),
    Route("/streamed", streamed),
    Route("/half", half),
    Route("/broken/{number}", broken),
    Route("/logged", logged),
    Route("/refused", refused),
    Route("/late", late),
    Mount("/shop/{shop}", routes=[Route("/orders/{item:int}", item)]),
]


def serving(port: int, client: Client, config: Config) -> AbstractAsyncContextManager[None]:
    app = Starlette(routes=ROUTES)
    app.add_middleware(Analytics, config=config, client=client)
    return under_uvicorn(app, port)
