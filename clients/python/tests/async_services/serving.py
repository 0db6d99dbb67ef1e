"""Runs a service in a thread of its own, and asks it as strangers do: a connection each time."""

from __future__ import annotations

import asyncio
import http.client
import importlib
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any, NamedTuple

import uvicorn
from clients.python.tests.service import AGENT
from loghandler.tests.running import eventually, free_port

from loghandler_client import Client
from loghandler_client.requests import Config

# A streamed body.
PARTS, PART, PAUSE = 3, b"x" * 1_000, 0.1


class Answer(NamedTuple):
    status: int
    body: bytes


class Service(NamedTuple):
    port: int

    def ask(
        self, method: str, path: str, body: bytes | Iterable[bytes] | None = None, **headers: str
    ) -> Answer:
        """Headers are written with `_` for `-`; of a body that is cut, what has arrived."""
        named = {"User-Agent": AGENT, **{k.replace("_", "-"): v for k, v in headers.items()}}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, named)
            response = connection.getresponse()
            try:
                return Answer(response.status, response.read())
            except http.client.IncompleteRead as cut:
                return Answer(response.status, cut.partial)
        finally:
            connection.close()

    def leave(self, path: str) -> None:
        """Ask, and leave when the answer has begun."""
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: shop\r\n\r\n".encode())
            assert connection.recv(10)


Listening = Callable[[int], AbstractAsyncContextManager[None]]


def service_of(framework: str, client: Client, config: Config) -> Listening:
    """That of a module beside this one."""
    module = importlib.import_module(f"clients.python.tests.async_services.{framework}_service")
    return lambda port: module.serving(port, client, config)


@contextmanager
def serving(listening: Listening) -> Iterator[Service]:
    """A service that listens on the port it is given."""
    port, ready = free_port(), threading.Event()
    loop = asyncio.new_event_loop()
    end = asyncio.Event()
    failures: list[BaseException] = []

    async def run() -> None:
        async with listening(port):
            ready.set()
            await end.wait()

    def main() -> None:
        try:
            loop.run_until_complete(run())
        except BaseException as failure:
            failures.append(failure)
        finally:
            ready.set()
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    thread = threading.Thread(target=main)
    thread.start()
    assert ready.wait(20)
    try:
        assert not failures, failures
        yield Service(port)
    finally:
        if thread.is_alive():
            loop.call_soon_threadsafe(end.set)
        thread.join(20)
    assert not failures, failures


@asynccontextmanager
async def under_uvicorn(app: Any, port: int, **options: Any) -> AsyncIterator[None]:
    # It would believe X-Forwarded-For itself, of this machine.
    config = uvicorn.Config(app, port=port, log_config=None, proxy_headers=False, **options)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        assert not running.done()
        await asyncio.sleep(0.01)
    yield
    server.should_exit = True
    await running


async def parts(*, fail: bool = False) -> AsyncIterator[bytes]:
    for number in range(PARTS):
        if number:
            await asyncio.sleep(PAUSE)
        if number and fail:
            raise ValueError("In the middle.")
        yield PART


def requests(http: Any, app: Any, client: Client, count: int) -> list[dict[str, Any]]:
    """What the server lists of the application, the oldest first."""
    assert eventually(lambda: len(_listed(http, app, client)) >= count, 10), client.stats
    return sorted(_listed(http, app, client), key=lambda each: str(each["occurred_at"]))


def _listed(http: Any, app: Any, client: Client) -> list[dict[str, Any]]:
    assert client.flush(10)
    items: list[dict[str, Any]] = app.all_listed(http, "requests")
    return items
