"""FastAPI, with a router included in another one."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AbstractAsyncContextManager

from clients.python.tests.async_services.serving import parts, under_uvicorn
from fastapi import APIRouter, BackgroundTasks, FastAPI, HTTPException, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse

from loghandler_client import Client
from loghandler_client.fastapi import Analytics, Config

logger = logging.getLogger("shop")
router = APIRouter()
orders = APIRouter(prefix="/orders")
shop = APIRouter(prefix="/shop/{shop}")


@router.get("/items/{item}")
@router.head("/items/{item}")
@orders.get("/{item}")
async def item(item: int) -> Response:
    return PlainTextResponse(f"item {item}")


@router.post("/echo")
async def echo(request: Request) -> Response:
    return Response(await request.body(), 201)


@router.get("/streamed")
async def streamed() -> Response:
    return StreamingResponse(parts())


@router.get("/half")
async def half() -> Response:
    return StreamingResponse(parts(fail=True))


@router.get("/broken/{number}")
async def broken(number: str) -> Response:
    await asyncio.sleep(0.05)
    raise ValueError(number)


@router.get("/logged")
def logged() -> Response:  # in a thread
    try:
        raise ValueError("Logged.")
    except ValueError:
        logger.exception("It failed.")
        raise


@router.get("/refused")
async def refused() -> Response:
    raise HTTPException(403)


@router.get("/late")
async def late(tasks: BackgroundTasks) -> Response:
    tasks.add_task(asyncio.sleep, 0.5)
    return PlainTextResponse("done", background=tasks)


def serving(port: int, client: Client, config: Config) -> AbstractAsyncContextManager[None]:
    app = FastAPI()
    app.add_middleware(Analytics, config=config, client=client)
    shop.include_router(orders)
    app.include_router(router)
    app.include_router(shop)
    return under_uvicorn(app, port)
