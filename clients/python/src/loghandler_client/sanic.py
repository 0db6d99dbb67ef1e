"""Sanic, under its own server: attach(app, "…", Config(server_url="https://…"))."""

from __future__ import annotations

from typing import Any, Awaitable, Callable, Optional
from urllib.parse import unquote

from sanic import Request, Sanic
from sanic.exceptions import RequestCancelled

from loghandler_client.client import Client
from loghandler_client.requests import Config, Facts, Recorder, joined, length

__all__ = ["Config", "attach"]

Step = Callable[[bytes, bool], Optional[Awaitable[None]]]
_WITHOUT_BODY = (204, 304)


def attach(
    app: Sanic[Any, Any],
    api_key: Optional[str] = None,
    config: Optional[Config] = None,
    *,
    client: Optional[Client] = None,
) -> None:
    """Tell every request of the app; mappers are given Sanic's."""
    recorder = Recorder("Sanic", api_key, config, client)

    @app.signal("http.lifecycle.handle")
    async def begun(request: Request, **_: Any) -> None:
        stream: Any = request.stream
        if hasattr(stream, "response_func") and not stream.upgrade_websocket:
            answer = _Answer(recorder, request, stream)
            request.ctx.loghandler = answer
            if request.conn_info is not None:
                request.conn_info.ctx.loghandler = answer

    @app.signal("http.lifecycle.exception")
    async def raised(request: Request, exception: BaseException, **_: Any) -> None:
        answer: Optional[_Answer] = getattr(request.ctx, "loghandler", None)
        if answer is not None:
            answer.raised(exception)

    @app.signal("http.lifecycle.complete")
    async def closed(conn_info: Any, **_: Any) -> None:
        """Of a connection, whose last answer may have had nobody to go to."""
        answer: Optional[_Answer] = getattr(conn_info.ctx, "loghandler", None)
        if answer is not None:
            answer.end()


class _Answer:
    """Stands between an answer and Sanic's steps of sending it, each of which names the next."""

    def __init__(self, recorder: Recorder, request: Request, stream: Any) -> None:
        self._recorder, self._request, self._stream = recorder, request, stream
        self._exchange = recorder.begin(request.headers.get("traceparent"))
        self._ended = False
        self._step: Step = stream.response_func
        stream.response_func = self

    async def __call__(self, data: bytes, end_stream: bool) -> None:
        stream, exchange = self._stream, self._exchange
        is_first = not exchange.status
        done = self._step(data, end_stream)
        if done is not None:
            await done
        if is_first:
            exchange.status = status = stream.response.status
            exchange.response_bytes = 0 if status in _WITHOUT_BODY else stream.response_size
        else:
            exchange.response_bytes += len(data)
        following = stream.response_func
        if following is not None and following is not self:
            self._step, stream.response_func = following, self
        if following is None or end_stream:
            self.end()

    def raised(self, error: BaseException) -> None:
        if isinstance(error, RequestCancelled) or not isinstance(error, Exception):
            return
        if self._exchange.status:  # the answer has begun: nothing else will tell of it
            self._recorder.raised(error, self._exchange.link)
        else:
            self._exchange.error = error

    def end(self) -> None:
        if not self._ended:
            self._ended = True
            size = self._stream.request_bytes
            self._recorder.end(self._exchange, lambda: _facts(self._request, size), self._request)


def _facts(request: Request, request_bytes: Optional[int]) -> Facts:
    headers = request.headers
    told = length(headers.get("content-length"))
    return Facts(
        method=request.method,
        path=unquote(request.path),
        query=request.query_string,
        route=route(request),
        hostname=headers.get("host"),
        peer=request.ip,
        forwarded_for=joined(headers.getall("x-forwarded-for", [])),
        user_agent=headers.get("user-agent"),
        referrer=headers.get("referer"),
        request_bytes=request_bytes or None if told is None else told,
    )


def route(request: Request) -> Optional[str]:
    """The template of the path: `/users/{id}` of `/users/<id:int>`."""
    if request.route is None:
        return None
    return "/" + "/".join(_part(part) for part in request.route.parts)


def _part(part: str) -> str:
    return f"{{{part[1:-1].partition(':')[0]}}}" if part.startswith("<") else part
