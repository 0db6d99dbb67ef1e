"""aiohttp: attach(app, "…", Config(server_url="https://…"))."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import Any, Awaitable, Callable, Optional

from aiohttp import web

from loghandler_client.client import Client
from loghandler_client.requests import Config, Exchange, Facts, Recorder, joined

__all__ = ["Config", "attach"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
# Of the running task: each request has one of its own.
_current: ContextVar[Optional[Exchange]] = ContextVar("loghandler_exchange", default=None)
_SWITCHED = 101  # to a web socket


def attach(
    app: web.Application,
    api_key: Optional[str] = None,
    config: Optional[Config] = None,
    *,
    client: Optional[Client] = None,
) -> None:
    """Tell every request of the app; mappers are given aiohttp's."""
    recorder = Recorder("aiohttp", api_key, config, client)

    @web.middleware
    async def answered(request: web.Request, handler: Handler) -> web.StreamResponse:
        exchange = recorder.begin(request.headers.get("traceparent"))
        _current.set(exchange)
        _when_sent(lambda: _end(recorder, exchange, request))
        try:
            return await handler(request)
        except web.HTTPException:
            raise
        except Exception as error:
            recorder.raised(error, exchange.link)
            raise

    app.middlewares.insert(0, answered)
    app.on_response_prepare.append(_prepared)


def _when_sent(end: Callable[[], None]) -> None:
    """The request's task ends when the answer is sent, or nobody waits for it any more."""
    task: Any = asyncio.current_task()
    task.add_done_callback(lambda _: end())


async def _prepared(_request: web.Request, response: web.StreamResponse) -> None:
    """Count the body of an answer that is about to be sent, and note its last byte."""
    exchange = _current.get()
    if exchange is None:
        return
    exchange.status = response.status
    length, write, write_eof = response.content_length, response.write, response.write_eof
    # A payload of unknown length is written past the answer's own methods.
    exchange.is_seen = length is not None or not isinstance(response, web.Response)
    exchange.response_bytes = length or 0

    def count(data: Any) -> None:
        if length is None:
            exchange.response_bytes += len(data)

    async def counted(data: Any) -> None:
        count(data)
        await write(data)

    async def ended(data: Any = b"") -> None:
        count(data)
        await write_eof(data)
        exchange.answered()

    response.write, response.write_eof = counted, ended  # type: ignore[method-assign]


def _end(recorder: Recorder, exchange: Exchange, request: web.Request) -> None:
    if exchange.status == _SWITCHED:
        exchange.left()
    else:
        recorder.end(exchange, lambda: _facts(request), request)


def _facts(request: web.Request) -> Facts:
    headers = request.headers
    length = request.content_length
    peer = request.transport.get_extra_info("peername") if request.transport else None
    return Facts(
        method=request.method,
        path=request.path,
        query=request.query_string,
        route=route(request),
        hostname=headers.get("Host"),
        peer=peer[0] if peer else request.remote,
        forwarded_for=joined(headers.getall("X-Forwarded-For", [])),
        user_agent=headers.get("User-Agent"),
        referrer=headers.get("Referer"),
        request_bytes=request.content.total_bytes or None if length is None else length,
    )


def route(request: web.Request) -> Optional[str]:
    """The template of the path, with that of the applications around its own."""
    resource = request.match_info.route.resource
    return None if resource is None else resource.canonical
