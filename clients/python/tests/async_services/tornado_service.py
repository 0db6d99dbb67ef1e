"""Tornado under its own server, its rules with and without names."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from clients.python.tests.async_services.serving import parts
from tornado.httputil import HTTPServerRequest
from tornado.web import Application, HTTPError

from loghandler_client import Client
from loghandler_client.tornado import Analytics, Config

logger = logging.getLogger("shop")


class Told(Analytics):
    def __init__(self, app: Application, res: HTTPServerRequest, **options: Any) -> None:
        settings = app.settings
        super().__init__(app, res, None, settings["told"], client=settings["client"], **options)


class Item(Told):
    def get(self, item: str, shop: str = "") -> None:
        self.write(f"item {item}")

    head = get


class Echo(Told):
    def post(self) -> None:
        self.set_status(201)
        self.write(self.request.body)


class Streamed(Told):
    def initialize(self, *, fail: bool = False) -> None:
        self.fail = fail

    async def get(self) -> None:
        async for part in parts(fail=self.fail):
            self.write(part)
            await self.flush()


class Broken(Told):
    async def get(self, number: str) -> None:
        await asyncio.sleep(0.05)
        raise ValueError(number)


class Logged(Told):
    def get(self) -> None:
        try:
            raise ValueError("Logged.")
        except ValueError:
            logger.exception("It failed.")
            raise


class Refused(Told):
    def get(self) -> None:
        raise HTTPError(403)


class Missing(Told):
    def get(self) -> None:
        raise HTTPError(404)


RULES = [
    (r"/items/(?P<item>\d+)", Item),
    (r"/shop/(?P<shop>[^/]+)/orders/(?P<item>\d+)", Item),
    (r"/echo", Echo),
    (r"/streamed", Streamed),
    (r"/half", Streamed, {"fail": True}),
    (r"/broken/(?P<number>[^/]+)", Broken),
    (r"/logged", Logged),
    (r"/refused", Refused),
    (r".*", Missing),
]


@asynccontextmanager
async def serving(port: int, client: Client, config: Config) -> AsyncIterator[None]:
    server = Application(RULES, told=config, client=client).listen(port, "127.0.0.1")
    yield
    server.stop()
    await server.close_all_connections()
