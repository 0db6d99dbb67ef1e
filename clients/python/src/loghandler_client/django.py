"""Django: MIDDLEWARE = ["loghandler_client.django.Analytics", …], ANALYTICS_API_KEY = "…" and
ANALYTICS_CONFIG = Config(server_url="https://…"), under WSGI and ASGI.
"""

from __future__ import annotations

import sys
from typing import Any, Awaitable, Callable, Optional, Union

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponseBase

from loghandler_client.bodies import AsyncBody, Body
from loghandler_client.patterns import of_converters, of_regex
from loghandler_client.requests import Config, Exchange, Facts, Recorder
from loghandler_client.wsgi import facts

__all__ = ["Analytics", "Config"]


class Analytics:
    """Tells every request; mappers are given Django's."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)
        key = getattr(settings, "ANALYTICS_API_KEY", None)
        config = getattr(settings, "ANALYTICS_CONFIG", None)
        client = getattr(settings, "ANALYTICS_CLIENT", None)
        self.recorder = Recorder("Django", key, config, client)
        got_request_exception.connect(self._raised)

    def __call__(
        self, request: HttpRequest
    ) -> Union[HttpResponseBase, Awaitable[HttpResponseBase]]:
        if self.is_async:
            return self._async(request)
        exchange = self.recorder.begin(request.META.get("HTTP_TRACEPARENT"))
        try:
            response = self.get_response(request)
        except BaseException as error:
            self._end(exchange, request, error)
            raise
        return self._answered(exchange, request, response)

    async def _async(self, request: HttpRequest) -> HttpResponseBase:
        exchange = self.recorder.begin(request.META.get("HTTP_TRACEPARENT"))
        try:
            response = await self.get_response(request)
        except BaseException as error:
            self._end(exchange, request, error)
            raise
        return self._answered(exchange, request, response)

    def _raised(self, **_: Any) -> None:
        """Nobody took what a view or a middleware raised: Django makes a 500 of it."""
        error = sys.exc_info()[1]
        if error is not None:
            self.recorder.raised(error)

    def _answered(
        self, exchange: Exchange, request: HttpRequest, response: Any
    ) -> HttpResponseBase:
        exchange.status = response.status_code

        def end(error: Optional[BaseException]) -> None:
            self._end(exchange, request, error)

        if response.streaming:
            kind = AsyncBody if getattr(response, "is_async", False) else Body
            response.streaming_content = kind(response.streaming_content, exchange, end)
        else:
            exchange.response_bytes = len(response.content)
            end(None)
        found: HttpResponseBase = response
        return found

    def _end(
        self, exchange: Exchange, request: HttpRequest, error: Optional[BaseException]
    ) -> None:
        if isinstance(error, Exception):
            self.recorder.failed(exchange, error)

        def told() -> Facts:
            found = facts(request.META, request.path, _route(request))
            return found._replace(method=request.method or "GET")

        self.recorder.end(exchange, told, request)


def _route(request: HttpRequest) -> Optional[str]:
    """Of a path(), a re_path(), or one included in the other; below where Django is mounted."""
    match = request.resolver_match
    if match is None:
        return None
    is_regex = "(" in match.route or "^" in match.route
    told = of_regex(match.route) if is_regex else match.route
    mounted = request.path[: -len(request.path_info)]
    return None if told is None else f"{mounted}/{of_converters(told).lstrip('/')}"
