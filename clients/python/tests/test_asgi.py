"""Starlette's and FastAPI's ways of composing applications, and what ASGI has besides requests."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from clients.python.tests.async_services.serving import requests, serving, under_uvicorn
from fastapi import APIRouter, FastAPI
from ingest.tests.serving import App, Http
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket
from websockets.sync.client import connect

from loghandler_client import Client, fastapi, starlette
from loghandler_client.asgi import RequestMiddleware


async def fine(_request: Request) -> Response:
    return PlainTextResponse("fine")


def told(
    asgi: Any, paths: list[str], client: Client, http: Http, app: App, **options: Any
) -> dict[str, tuple[int, str, int]]:
    """By path, what the server lists of the requests: status, route, bytes."""
    with serving(lambda port: under_uvicorn(asgi, port, **options)) as service:
        answers = {path: service.ask("GET", path) for path in paths}
        found = requests(http, app, client, len(paths))
    listed = {r["path"]: (r["status"], r["route"], r["response_bytes"]) for r in found}
    assert len(listed) == len(found) == len(paths)
    assert {path: (status, size) for path, (status, _, size) in listed.items()} == {
        path: (answer.status, len(answer.body)) for path, answer in answers.items()
    }
    return listed


def routes(listed: dict[str, tuple[int, str, int]]) -> dict[str, str]:
    return {path: route for path, (_, route, _) in listed.items()}


def test_routes_of_mounts_are_told_whole(
    client: Client, http: Http, app: App, tmp_path: Path
) -> None:
    (tmp_path / "logo.svg").write_text("<svg/>")
    inner = Mount("/v1", routes=[Route("/tags/{tag}", fine), Route("/", fine)])
    outer = Starlette(
        routes=[
            Mount("/tenants/{tenant:int}", routes=[inner]),
            Mount("/files", StaticFiles(directory=tmp_path)),
            Route("/all/{rest:path}", fine),
        ]
    )
    outer.add_middleware(starlette.Analytics, client=client)
    paths = ["/tenants/7/v1/tags/v1", "/tenants/7/v1/", "/files/logo.svg", "/all/a/b"]
    assert routes(told(outer, paths, client, http, app)) == {
        "/tenants/7/v1/tags/v1": "/tenants/{tenant}/v1/tags/{tag}",
        "/tenants/7/v1/": "/tenants/{tenant}/v1/",
        "/files/logo.svg": "/files/{path}",
        "/all/a/b": "/all/{rest}",
    }


def test_a_servers_root_path_is_in_path_and_route(client: Client, http: Http, app: App) -> None:
    asgi = Starlette(
        routes=[Route("/items/{item}", fine), Mount("/shop", routes=[Route("/{item}", fine)])]
    )
    asgi.add_middleware(starlette.Analytics, client=client)
    with serving(lambda port: under_uvicorn(asgi, port, root_path="/api")) as service:
        service.ask("GET", "/items/a")
        service.ask("GET", "/shop/a")
        found = requests(http, app, client, 2)
    assert {r["path"]: r["route"] for r in found} == {
        "/api/items/a": "/api/items/{item}",
        "/api/shop/a": "/api/shop/{item}",
    }


def test_routes_of_fastapi_are_told_whole(client: Client, http: Http, app: App) -> None:
    asgi, mounted = FastAPI(), FastAPI()
    router, inner = APIRouter(), APIRouter()
    for each in (asgi, mounted, inner):
        each.get("/items/{item}")(lambda item: item)
    router.add_route("/plain/{item}", fine)
    inner.mount("/deep", mounted)
    router.include_router(inner, prefix="/inner/{shop}")
    asgi.include_router(router, prefix="/v2")
    asgi.mount("/mounted", mounted)
    asgi.add_middleware(fastapi.Analytics, client=client)
    paths = [
        "/items/a", "/v2/inner/b/items/a", "/v2/plain/a", "/mounted/items/a",
        "/v2/inner/b/deep/items/a",
    ]  # fmt: skip
    assert routes(told(asgi, paths, client, http, app)) == {
        "/items/a": "/items/{item}",
        "/v2/inner/b/items/a": "/v2/inner/{shop}/items/{item}",
        "/v2/plain/a": "/v2/plain/{item}",
        "/mounted/items/a": "/mounted/items/{item}",
        "/v2/inner/b/deep/items/a": "/v2/inner/{shop}/deep/items/{item}",
    }


@pytest.mark.filterwarnings("ignore:The `root_path` parameter is deprecated")
def test_a_root_path_that_a_proxy_takes_off_is_in_neither(
    client: Client, http: Http, app: App
) -> None:
    asgi = FastAPI(root_path="/api")
    asgi.get("/items/{item}")(lambda item: item)
    asgi.add_middleware(fastapi.Analytics, client=client)
    assert routes(told(asgi, ["/items/a"], client, http, app)) == {"/items/a": "/items/{item}"}


def test_what_no_route_answers_has_the_servers_own(client: Client, http: Http, app: App) -> None:
    asgi = Starlette(routes=[Route("/items/{item}", fine, methods=["POST"]), Route("/here/", fine)])
    asgi.add_middleware(starlette.Analytics, client=client)
    assert told(asgi, ["/items/a", "/here", "/missing/7"], client, http, app) == {
        "/items/a": (405, "/items/{item}", 18),
        "/here": (307, "/here", 0),
        "/missing/7": (404, "/missing/{id}", 9),
    }


def test_an_error_after_the_answer_is_that_of_its_request(
    client: Client, http: Http, app: App
) -> None:
    async def later() -> None:
        raise ValueError("Later.")

    async def answer(_request: Request) -> Response:
        return PlainTextResponse("done", background=BackgroundTask(later))

    asgi = Starlette(routes=[Route("/", answer)])
    asgi.add_middleware(starlette.Analytics, client=client)
    with serving(lambda port: under_uvicorn(asgi, port)) as service:
        assert service.ask("GET", "/").body == b"done"
        [found] = requests(http, app, client, 1)
    [event] = app.listed(http)
    assert (found["status"], found["response_bytes"]) == (200, 4)
    assert found["event_id"] == event["event_id"]
    assert event["message"] == "ValueError: Later."


def test_a_chunked_body_is_counted_and_what_is_not_read_is_not(
    client: Client, http: Http, app: App
) -> None:
    async def read(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    asgi = Starlette(routes=[Route("/", read, methods=["POST"])])
    asgi.add_middleware(starlette.Analytics, client=client)
    with serving(lambda port: under_uvicorn(asgi, port)) as service:
        assert service.ask("POST", "/", iter([b"x" * 40_000] * 3)).body == b"120000"
        [found] = requests(http, app, client, 1)
    assert found["request_bytes"] == 120_000


def test_web_sockets_and_lifespans_pass_by(client: Client, http: Http, app: App) -> None:
    began = []

    async def talk(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(await socket.receive_text())
        await socket.close()

    inner = Starlette(routes=[WebSocketRoute("/talk", talk), Route("/", fine)])

    async def with_lifespan(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            began.append(True)
        await inner(scope, receive, send)

    asgi = RequestMiddleware(with_lifespan, client=client, framework="Shop")
    with serving(lambda port: under_uvicorn(asgi, port)) as service:
        with connect(f"ws://127.0.0.1:{service.port}/talk") as socket:
            socket.send("hello")
            assert socket.recv() == "hello"
        service.ask("GET", "/")
        found = requests(http, app, client, 1)
    assert began == [True]
    assert [(r["path"], r["framework"]) for r in found] == [("/", "Shop")]


def test_one_who_cancels_the_service_is_no_error(client: Client, http: Http, app: App) -> None:
    async def cancelled() -> None:
        async def waiting(*_: Any) -> None:
            await asyncio.sleep(10)

        asgi = RequestMiddleware(waiting, client=client)
        scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        task = asyncio.ensure_future(asgi(scope, waiting, waiting))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    [found] = requests(http, app, client, 1)
    assert (found["status"], found["event_id"]) == (0, None)
    assert app.listed(http) == []
