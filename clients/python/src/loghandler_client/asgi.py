"""A middleware for ASGI: FastAPI, Starlette, Litestar, Quart, Django under ASGI.

app.add_middleware(RequestMiddleware, key="…", config=Config(server_url="https://…"))
"""

from __future__ import annotations

from typing import Any, Awaitable, Callable, Dict, List, MutableMapping, Optional, Tuple

from loghandler_client.requests import (
    EXCHANGE,
    ROUTE,
    Config,
    Exchange,
    Facts,
    Middleware,
    joined,
    length,
)

__all__ = ["Config", "RequestMiddleware"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class RequestMiddleware(Middleware[App]):
    """Tells every request of an ASGI application."""

    framework = "ASGI"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, headers = scope["path"], _headers(scope)  # some frameworks change the path
        exchange = self.recorder.begin(_one(headers, b"traceparent"))
        scope[EXCHANGE] = exchange
        body_bytes = 0

        async def received() -> Message:
            nonlocal body_bytes
            message = await receive()
            if message["type"] == "http.request":
                body_bytes += len(message.get("body", b""))
            return message

        async def sent(message: Message) -> None:
            _note(exchange, message)
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                exchange.answered()

        def facts() -> Facts:
            told = length(_one(headers, b"content-length"))
            size = told if told is not None else body_bytes or None
            return _facts(scope, path, headers, size)

        try:
            await self.app(scope, received, sent)
        except Exception as error:
            self.recorder.failed(exchange, error)
            raise
        finally:
            self.recorder.end(exchange, facts, self.request(scope))

    def request(self, scope: Scope) -> Any:
        """What mappers are given."""
        return scope


def _note(exchange: Exchange, message: Message) -> None:
    if message["type"] == "http.response.start":
        exchange.status = message["status"]
    elif message["type"] == "http.response.body":
        exchange.response_bytes += len(message.get("body", b""))


Headers = Dict[bytes, List[bytes]]


def _headers(scope: Scope) -> Headers:
    found: Headers = {}
    for name, value in scope["headers"]:
        found.setdefault(name.lower(), []).append(value)
    return found


def _one(headers: Headers, name: bytes) -> Optional[str]:
    values = headers.get(name)
    return joined([value.decode("latin-1") for value in values]) if values else None


def _facts(scope: Scope, path: str, headers: Headers, request_bytes: Optional[int]) -> Facts:
    client: Optional[Tuple[str, int]] = scope.get("client")
    return Facts(
        method=scope["method"],
        path=path,
        query=scope.get("query_string", b"").decode("latin-1"),
        route=route(scope),
        hostname=_one(headers, b"host"),
        peer=client[0] if client else None,
        forwarded_for=_one(headers, b"x-forwarded-for"),
        user_agent=_one(headers, b"user-agent"),
        referrer=_one(headers, b"referer"),
        request_bytes=request_bytes,
    )


def route(scope: Scope) -> Optional[str]:
    """The template of the path, as far as the framework has told it in the scope."""
    told = scope.get(ROUTE) or scope.get("path_template")  # an adapter's, Litestar's
    if told:
        return str(told)
    found = _found(scope)
    if hasattr(found, "routes"):  # Starlette's Mount: the scope tells already where it is
        return _mounted(scope, "/{path}")
    path = getattr(found, "path_format", None) or getattr(found, "path", None)
    return _mounted(scope, path) if isinstance(path, str) else None


def _found(scope: Scope) -> Any:
    """The route that Starlette or FastAPI has chosen."""
    chosen = scope.get("route")
    included = scope.get("fastapi", {}).get("effective_route_context")
    if included is None or (chosen is not None and chosen is not included.original_route):
        return chosen
    # That of an included router does not know where it was included.
    return included.starlette_route or included


def _mounted(scope: Scope, path: str) -> str:
    """A template, below where Starlette has mounted the application that it is of."""
    root = scope.get("root_path", "")
    outer = scope.get("app_root_path", root)
    inner = root[len(outer) :] if root.startswith(outer) else ""
    values = {
        str(value): name
        for name, value in scope.get("path_params", {}).items()
        if f"{{{name}}}" not in path
    }
    parts = [f"{{{values[part]}}}" if part in values else part for part in inner.split("/")]
    # A server's root_path is in the path, that of an application behind a proxy is not.
    before = outer if scope["path"].startswith(root) else ""
    return f"{before}{'/'.join(parts)}{path}" or "/"
