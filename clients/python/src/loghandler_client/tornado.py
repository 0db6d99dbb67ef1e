"""Tornado: handlers inherit from Analytics, and give it the key and the config:

class Items(Analytics):
    def __init__(self, app, res):
        super().__init__(app, res, "…", Config(server_url="https://…"))
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Dict, Optional, Tuple, Type
from urllib.parse import unquote

from tornado.concurrent import Future
from tornado.httputil import HTTPServerRequest
from tornado.routing import RuleRouter
from tornado.web import Application, HTTPError, RequestHandler

from loghandler_client.client import Client
from loghandler_client.patterns import of_regex
from loghandler_client.requests import Config, Facts, Recorder, length

__all__ = ["Analytics", "Config"]


class Analytics(RequestHandler):
    """Tells its requests; mappers are given Tornado's. Overridden methods call these, too."""

    def __init__(
        self,
        app: Application,
        res: HTTPServerRequest,
        api_key: Optional[str] = None,
        config: Optional[Config] = None,
        *,
        client: Optional[Client] = None,
        **options: Any,
    ) -> None:
        """`options` are those of the handler's `initialize`."""
        self._recorder = _recorder(api_key, config, client)
        self._exchange = self._recorder.begin(res.headers.get("traceparent"))
        super().__init__(app, res, **options)

    def flush(self, include_footers: bool = False) -> Future[None]:
        self._exchange.response_bytes += sum(map(len, self._write_buffer))
        return super().flush(include_footers)

    def log_exception(
        self,
        typ: Optional[Type[BaseException]],
        value: Optional[BaseException],
        tb: Optional[TracebackType],
    ) -> None:
        if isinstance(value, Exception) and not isinstance(value, HTTPError):
            self._recorder.raised(value, self._exchange.link)
        super().log_exception(typ, value, tb)

    def on_finish(self) -> None:
        self._exchange.status = self.get_status()
        self._recorder.end(self._exchange, lambda: _facts(self), self.request)


_recorders: Dict[Optional[str], Tuple[Optional[Config], Optional[Client], Recorder]] = {}


def _recorder(key: Optional[str], config: Optional[Config], client: Optional[Client]) -> Recorder:
    """The last one of a key, where nothing has changed: there is a handler for each request."""
    known = _recorders.get(key)
    if known is None or known[0] != config or known[1] is not client:
        known = _recorders[key] = (config, client, Recorder("Tornado", key, config, client))
    return known[2]


def _facts(handler: RequestHandler) -> Facts:
    request = handler.request
    headers = request.headers
    told = length(headers.get("Content-Length"))
    return Facts(
        method=request.method or "GET",
        path=unquote(request.path),
        query=request.query,
        route=route(handler),
        hostname=request.host,
        peer=request.remote_ip,
        forwarded_for=headers.get("X-Forwarded-For"),
        user_agent=headers.get("User-Agent"),
        referrer=headers.get("Referer"),
        request_bytes=len(request.body) or None if told is None else told,
    )


def route(handler: RequestHandler) -> Optional[str]:
    """The template of the path, of the rule that has chosen the handler."""
    pattern = _pattern(handler.application.default_router, handler)
    return None if pattern is None else of_regex(pattern)


def _pattern(router: RuleRouter, handler: RequestHandler) -> Optional[str]:
    for rule in router.rules:
        if rule.matcher.match(handler.request) is None:
            continue
        if isinstance(rule.target, RuleRouter):
            found = _pattern(rule.target, handler)
            if found is not None:
                return found
        elif rule.target is type(handler):
            regex = getattr(rule.matcher, "regex", None)
            return None if regex is None else str(regex.pattern)
    return None
