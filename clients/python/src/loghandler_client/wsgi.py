"""A middleware for WSGI: Flask, Bottle, Pyramid, Falcon, and whatever else is called by a server.

app = RequestMiddleware(app, "…", Config(server_url="https://…"))
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, List, Optional

from loghandler_client.bodies import Body
from loghandler_client.patterns import of_filters
from loghandler_client.requests import EXCHANGE, REQUEST, ROUTE, Config, Facts, Middleware, length

__all__ = ["Config", "RequestMiddleware"]

Environ = Dict[str, Any]
StartResponse = Callable[..., Callable[[bytes], Any]]
App = Callable[[Environ, StartResponse], Iterable[bytes]]


class RequestMiddleware(Middleware[App]):
    """Tells every request of a WSGI application."""

    framework = "WSGI"

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        recorder = self.recorder
        exchange = recorder.begin(environ.get("HTTP_TRACEPARENT"))
        environ[EXCHANGE] = exchange
        path = _path(environ)  # Bottle changes it

        def started(
            status: str, headers: List[Any], exc_info: Any = None
        ) -> Callable[[bytes], Any]:
            exchange.status = int(status[:3]) if status[:3].isdigit() else 0
            if exc_info:  # the answer is made of an error
                exchange.error = exc_info[1]
            given = (exc_info,) if exc_info else ()
            write = start_response(status, headers, *given)

            def written(data: bytes) -> Any:
                exchange.response_bytes += len(data)
                return write(data)

            return written

        def end(error: Optional[BaseException]) -> None:
            if isinstance(error, Exception):
                recorder.failed(exchange, error)
            request = environ.pop(REQUEST, environ)  # which it refers to: nothing else frees it
            recorder.end(exchange, lambda: facts(environ, path, route(environ)), request)

        try:
            body = self.app(environ, started)
        except BaseException as error:
            end(error)
            raise
        return Body(body, exchange, end)


def facts(environ: Environ, path: str, route: Optional[str]) -> Facts:
    """Those of an environ, which Django has under ASGI too."""
    return Facts(
        method=environ.get("REQUEST_METHOD", "GET"),
        path=path,
        query=environ.get("QUERY_STRING", ""),
        route=route,
        hostname=environ.get("HTTP_HOST") or environ.get("SERVER_NAME"),
        peer=environ.get("REMOTE_ADDR"),
        forwarded_for=environ.get("HTTP_X_FORWARDED_FOR"),
        user_agent=environ.get("HTTP_USER_AGENT"),
        referrer=environ.get("HTTP_REFERER"),
        request_bytes=length(str(environ.get("CONTENT_LENGTH") or "")),
    )


def _path(environ: Environ) -> str:
    return _text(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")) or "/"


def _text(told: str) -> str:
    """What WSGI tells as Latin-1 is UTF-8."""
    return told.encode("latin-1", "replace").decode("utf-8", "replace")


def route(environ: Environ) -> Optional[str]:
    """The template of the path, as far as the framework has told it in the environ.

    Where the application that answered is mounted is part of it, as it is of the path.
    """
    told = environ.get(ROUTE)
    if not told:
        rule = getattr(environ.get("bottle.route"), "rule", None)
        told = of_filters(str(rule)) if rule else None
    return _text(environ.get("SCRIPT_NAME", "")) + told if told else None
