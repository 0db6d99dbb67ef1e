"""What aiohttp, Sanic, Tornado, Litestar and Quart have besides what all services do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from clients.python.tests.async_services import aiohttp_service, sanic_service
from clients.python.tests.async_services.serving import (
    PART,
    PARTS,
    parts,
    requests,
    serving,
    under_uvicorn,
)
from ingest.tests.serving import App, Http
from litestar import Litestar, Request, get
from litestar.response import Response
from quart import Quart
from sanic import HTTPResponse, empty, file, text
from sanic import Request as SanicRequest
from sanic.response import file_stream
from tornado.httputil import HTTPServerRequest
from tornado.routing import HostMatches, Rule
from tornado.web import Application, RequestHandler
from websockets.sync.client import connect

from loghandler_client import Client, aiohttp, litestar, quart, sanic
from loghandler_client.requests import Config
from loghandler_client.tornado import Analytics

Told = dict[str, tuple[int, "int | None"]]


def statuses(found: list[dict[str, Any]]) -> Told:
    listed = {r["path"]: (r["status"], r["response_bytes"]) for r in found}
    assert len(listed) == len(found)
    return listed


def talk(port: int) -> None:
    with connect(f"ws://127.0.0.1:{port}/talk") as socket:
        socket.send("hello")
        assert socket.recv() == "hello"


# --- aiohttp ------------------------------------------------------------------------------------


async def late(_request: web.Request) -> web.Response:
    raise asyncio.TimeoutError


async def unsized(_request: web.Request) -> web.Response:
    return web.Response(body=parts())


async def deliberate(_request: web.Request) -> web.Response:
    raise web.HTTPServiceUnavailable


async def ended_by_itself(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"begin ")
    await response.write_eof(b"end")
    return response


async def talking(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    await socket.send_str(await socket.receive_str())
    await socket.close()
    return socket


def test_aiohttps_kinds_of_answers(client: Client, http: Http, app: App, tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_bytes(b"<svg/>" * 100_000)
    service = web.Application()
    service.add_routes(
        [
            web.get("/late", late),
            web.get("/unsized", unsized),
            web.get("/deliberate", deliberate),
            web.get("/ended", ended_by_itself),
            web.get("/talk", talking),
            web.static("/files", tmp_path),
        ]
    )
    aiohttp.attach(service, client=client)
    paths = ["/late", "/unsized", "/deliberate", "/ended", "/files/logo.svg"]
    with serving(lambda port: aiohttp_service.listening(service, port)) as asked:
        talk(asked.port)
        answers = {path: asked.ask("GET", path) for path in paths}
        found = requests(http, app, client, len(paths))
    assert answers["/unsized"].body == PART * PARTS
    expected: Told = {path: (answer.status, len(answer.body)) for path, answer in answers.items()}
    assert statuses(found) == {**expected, "/unsized": (200, None)}
    assert {path: status for path, (status, _) in expected.items()} == {
        "/late": 504, "/unsized": 200, "/deliberate": 503, "/ended": 200, "/files/logo.svg": 200,
    }  # fmt: skip
    [event] = app.listed(http)
    assert event["event_id"] == next(r["event_id"] for r in found if r["path"] == "/late")


# --- Sanic --------------------------------------------------------------------------------------


def test_sanics_kinds_of_answers(client: Client, http: Http, app: App, tmp_path: Path) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_bytes(b"<svg/>" * 10_000)
    service = sanic_service.named()
    service.config.RESPONSE_TIMEOUT = 0.5

    @service.get("/late")
    async def late(_request: SanicRequest) -> HTTPResponse:
        await asyncio.sleep(2)
        return text("too late")

    @service.get("/handled")
    async def handled(_request: SanicRequest) -> HTTPResponse:
        raise KeyError("shop")

    @service.exception(KeyError)
    async def refuse(_request: SanicRequest, _error: KeyError) -> HTTPResponse:
        return text("no such shop", 400)

    @service.websocket("/talk")
    async def talking(_request: SanicRequest, socket: Any) -> None:
        await socket.send(await socket.recv())

    service.add_route(lambda _: empty(), "/empty", name="empty")
    service.add_route(lambda _: file(logo), "/file", name="file")
    service.add_route(lambda _: file_stream(logo), "/stream", name="stream")
    sanic.attach(service, client=client)
    paths = ["/late", "/handled", "/empty", "/file", "/stream"]
    with serving(lambda port: sanic_service.listening(service, port)) as asked:
        talk(asked.port)
        answers = {path: asked.ask("GET", path) for path in paths}
        found = requests(http, app, client, len(paths))
    expected: Told = {path: (answer.status, len(answer.body)) for path, answer in answers.items()}
    assert statuses(found) == expected
    assert {path: status for path, (status, _) in expected.items()} == {
        "/late": 503, "/handled": 400, "/empty": 204, "/file": 200, "/stream": 200,
    }  # fmt: skip
    [event] = app.listed(http)
    assert "ServiceUnavailable" in event["message"]
    assert event["event_id"] == next(r["event_id"] for r in found if r["path"] == "/late")


# --- Tornado ------------------------------------------------------------------------------------


class Shop(Analytics):
    """As API Analytics' users write it."""

    key, config = "", Config()

    def __init__(self, app: Application, res: HTTPServerRequest, **options: Any) -> None:
        super().__init__(app, res, self.key, self.config, **options)

    def initialize(self, word: str) -> None:
        self.word = word

    def get(self, *parts: str) -> None:
        self.write(f"{self.word} {' '.join(parts)}")


class Untold(RequestHandler):
    def get(self) -> None:
        self.write("untold")


@asynccontextmanager
async def tornado_listening(port: int) -> AsyncIterator[None]:
    inner = Application([(r"/inner/(\d+)/(\w+)", Shop, {"word": "inner"})])
    rules: list[Any] = [
        (r"^/shops/([^/)]+)/?$", Shop, {"word": "shop"}),
        (r"/untold", Untold),
        (r"/any.*", Shop, {"word": "any"}),
        Rule(HostMatches("127.0.0.1"), inner),
    ]
    server = Application(rules).listen(port, "127.0.0.1")
    yield
    server.stop()
    await server.close_all_connections()


def test_tornados_rules(client: Client, http: Http, app: App) -> None:
    options = {"request_seconds": 0.05}
    Shop.key, Shop.config = app.key, Config(server_url=client.url, client_options=options)
    with serving(tornado_listening) as asked:
        answers = [asked.ask("GET", path) for path in ("/shops/b%C3%BC", "/inner/7/red", "/any/7")]
        etag = asked.ask("GET", "/shops/b%C3%BC", If_None_Match="*")
        assert asked.ask("GET", "/untold").body == b"untold"
        found = requests(http, app, client, 4)
    assert [answer.body for answer in answers] == ["shop bü".encode(), b"inner 7 red", b"any "]
    assert etag == (304, b"")
    rows = [(r["path"], r["route"], r["status"], r["response_bytes"]) for r in found]
    assert sorted(rows) == [
        ("/any/7", "/any/{id}", 200, 4),
        ("/inner/7/red", "/inner/{value}/{value}", 200, 11),
        ("/shops/bü", "/shops/{value}/", 200, 8),
        ("/shops/bü", "/shops/{value}/", 304, 0),
    ]


# --- Litestar and Quart -------------------------------------------------------------------------


def litestar_listening(client: Client, port: int) -> AbstractAsyncContextManager[None]:
    @get("/handled")
    async def handled() -> None:
        raise KeyError("shop")

    def refuse(_request: Request[Any, Any, Any], _error: KeyError) -> Response[str]:
        return Response("no such shop", status_code=400)

    service = Litestar([handled], exception_handlers={KeyError: refuse})
    litestar.attach(service, client=client)
    return under_uvicorn(service, port)


def quart_listening(client: Client, port: int) -> AbstractAsyncContextManager[None]:
    service = Quart(__name__)

    @service.get("/handled")
    async def handled() -> str:
        raise KeyError("shop")

    @service.errorhandler(KeyError)
    async def refuse(_error: KeyError) -> tuple[str, int]:
        return "no such shop", 400

    quart.attach(service, client=client)
    return under_uvicorn(service, port)


def test_an_error_that_the_service_handles_is_none(client: Client, http: Http, app: App) -> None:
    for listening in (litestar_listening, quart_listening):
        with serving(lambda port, start=listening: start(client, port)) as asked:  # type: ignore[misc]
            assert asked.ask("GET", "/handled").status == 400
    found = requests(http, app, client, 2)
    assert [(r["status"], r["event_id"]) for r in found] == [(400, None), (400, None)]
    assert app.listed(http) == []
