"""A middleware for WSGI: Flask, Bottle, Pyramid, Falcon, and whatever else is called by a server.

app.wsgi_app = RequestMiddleware(app.wsgi_app, key="…", config=Config(server_url="https://…"))
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional

from loghandler_client.client import Client
from loghandler_client.requests import Config, Exchange, Facts, Recorder, length

Environ = Dict[str, Any]
StartResponse = Callable[..., Callable[[bytes], Any]]
App = Callable[[Environ, StartResponse], Iterable[bytes]]
# Where adapters leave the template of the path, which the framework does not put there itself.
ROUTE = "loghandler.route"


class RequestMiddleware:
    """Tells every request of a WSGI application."""

    framework = "WSGI"

    def __init__(
        self,
        app: App,
        key: Optional[str] = None,
        config: Optional[Config] = None,
        *,
        client: Optional[Client] = None,
        framework: Optional[str] = None,
    ) -> None:
        self.app = app
        self.recorder = Recorder(framework or self.framework, key, config, client)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        exchange = self.recorder.begin(environ.get("HTTP_TRACEPARENT"))

        def started(status: str, headers: List[Any], *args: Any) -> Callable[[bytes], Any]:
            exchange.status = int(status[:3]) if status[:3].isdigit() else 0
            write = start_response(status, headers, *args)

            def written(data: bytes) -> Any:
                exchange.response_bytes += len(data)
                return write(data)

            return written

        try:
            body = self.app(environ, started)
        except BaseException as error:
            self.failed(exchange, environ, error)
            raise
        return _Body(self, body, exchange, environ)

    def failed(self, exchange: Exchange, environ: Environ, error: BaseException) -> None:
        if isinstance(error, Exception):
            self.recorder.failed(exchange, error)
        self.end(exchange, environ)

    def end(self, exchange: Exchange, environ: Environ) -> None:
        self.recorder.end(exchange, lambda: _facts(environ), self.request(environ))

    def request(self, environ: Environ) -> Any:
        """What mappers are given."""
        return environ


class _Body:
    """The answer's body: the request ends with its last byte."""

    def __init__(
        self,
        middleware: RequestMiddleware,
        body: Iterable[bytes],
        exchange: Exchange,
        environ: Environ,
    ) -> None:
        self._middleware, self._body = middleware, body
        self._exchange, self._environ = exchange, environ
        self._ended = False

    def __len__(self) -> int:  # servers send a Content-Length for a body of one part
        return len(self._body)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[bytes]:
        exchange = self._exchange
        try:
            for part in self._body:
                exchange.response_bytes += len(part)
                yield part
        except Exception as error:
            self._end(error)
            raise
        exchange.answered()

    def close(self) -> None:
        close = getattr(self._body, "close", None)
        try:
            if close is not None:
                close()
        finally:
            self._end(None)

    def _end(self, error: Optional[Exception]) -> None:
        if self._ended:
            return
        self._ended = True
        if error is None:
            self._middleware.end(self._exchange, self._environ)
        else:
            self._middleware.failed(self._exchange, self._environ, error)


def _facts(environ: Environ) -> Facts:
    return Facts(
        method=environ.get("REQUEST_METHOD", "GET"),
        path=_path(environ),
        query=environ.get("QUERY_STRING", ""),
        route=route(environ),
        hostname=environ.get("HTTP_HOST") or environ.get("SERVER_NAME"),
        peer=environ.get("REMOTE_ADDR"),
        forwarded_for=environ.get("HTTP_X_FORWARDED_FOR"),
        user_agent=environ.get("HTTP_USER_AGENT"),
        referrer=environ.get("HTTP_REFERER"),
        request_bytes=length(environ.get("CONTENT_LENGTH")),
    )


def _path(environ: Environ) -> str:
    raw = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    return raw.encode("latin-1", "replace").decode("utf-8", "replace") or "/"


def route(environ: Environ) -> Optional[str]:
    """The template of the path, as far as the framework has told it in the environ."""
    told = environ.get(ROUTE)
    if told is None:
        rule = getattr(environ.get("werkzeug.request"), "url_rule", None)  # Flask's
        told = getattr(rule, "rule", None)
    if told is None:
        told = getattr(environ.get("bottle.route"), "rule", None)
    if told is None:
        told = getattr(environ.get("bfg.routes.route"), "pattern", None)  # Pyramid's
    return str(told) if told else None
