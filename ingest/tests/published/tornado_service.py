"""tornado-analytics in Tornado."""

import asyncio
import threading
from typing import Any

from api_analytics.tornado import Analytics, Config
from tornado.httputil import HTTPServerRequest
from tornado.web import Application

from ingest.tests.published.driving import KEY, PRIVACY_LEVEL, SERVER_URL, drive, serve_in_thread
from loghandler.tests.running import free_port

CONFIG = Config(server_url=SERVER_URL, privacy_level=PRIVACY_LEVEL)


class Logged(Analytics):  # type: ignore[misc]  # untyped
    def __init__(self, app: Application, request: HTTPServerRequest, **options: Any) -> None:
        super().__init__(app, request, api_key=KEY, config=CONFIG)


class Item(Logged):
    def get(self, item: str) -> None:
        self.write({"item": item})


class Update(Logged):
    def get(self) -> None:
        self.set_status(201)


class Missing(Logged):
    def get(self) -> None:
        self.set_status(404)


async def serve(port: int, ready: threading.Event) -> None:
    app = Application([(r"/items/(\d+)", Item), (r"/users/update", Update), (r".*", Missing)])
    app.listen(port, "127.0.0.1")
    ready.set()
    await asyncio.Event().wait()


if __name__ == "__main__":
    port, ready = free_port(), threading.Event()
    serve_in_thread(lambda: asyncio.run(serve(port, ready)))
    ready.wait(10)
    drive(port)
