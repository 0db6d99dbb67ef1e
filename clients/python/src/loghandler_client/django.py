"""Django: MIDDLEWARE = ["loghandler_client.django.Analytics", …], ANALYTICS_API_KEY = "…" and
ANALYTICS_CONFIG = Config(server_url="https://…"), under WSGI and ASGI.
"""

from __future__ import annotations

import re
from typing import Any, AsyncIterator, Awaitable, Callable, Iterator, Optional, Union

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from loghandler_client.requests import Config, Exchange, Facts, Recorder, length

__all__ = ["Analytics", "Config"]

_CONVERTED = re.compile(r"<(?:[^>:]+:)?([^>]+)>")
_NAMED = re.compile(r"\(\?P<(\w+)>")


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

    def __call__(
        self, request: HttpRequest
    ) -> Union[HttpResponseBase, Awaitable[HttpResponseBase]]:
        if self.is_async:
            return self._async(request)
        exchange = self.recorder.begin(request.META.get("HTTP_TRACEPARENT"))
        try:
            response = self.get_response(request)
        except BaseException as error:
            self._failed(exchange, request, error)
            raise
        return self._answered(exchange, request, response)

    async def _async(self, request: HttpRequest) -> HttpResponseBase:
        exchange = self.recorder.begin(request.META.get("HTTP_TRACEPARENT"))
        try:
            response = await self.get_response(request)
        except BaseException as error:
            self._failed(exchange, request, error)
            raise
        return self._answered(exchange, request, response)

    def process_exception(self, _request: HttpRequest, exception: BaseException) -> None:
        """A view raised: Django makes an answer of it, which tells nothing of why."""
        self.recorder.raised(exception)

    def _failed(self, exchange: Exchange, request: HttpRequest, error: BaseException) -> None:
        if isinstance(error, Exception):
            self.recorder.failed(exchange, error)
        self._end(exchange, request)

    def _answered(
        self, exchange: Exchange, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        exchange.status = response.status_code
        if not response.streaming:
            exchange.response_bytes = len(response.content)  # type: ignore[attr-defined]
            self._end(exchange, request)
        elif getattr(response, "is_async", False):
            body = response.streaming_content  # type: ignore[attr-defined]
            response.streaming_content = self._streamed_async(body, exchange, request)  # type: ignore[attr-defined]
        else:
            body = response.streaming_content  # type: ignore[attr-defined]
            response.streaming_content = self._streamed(body, exchange, request)  # type: ignore[attr-defined]
        return response

    def _streamed(
        self, body: Iterator[bytes], exchange: Exchange, request: HttpRequest
    ) -> Iterator[bytes]:
        try:
            for part in body:
                exchange.response_bytes += len(part)
                yield part
        except Exception as error:
            self.recorder.failed(exchange, error)
            raise
        finally:
            self._end(exchange, request)

    async def _streamed_async(
        self, body: AsyncIterator[bytes], exchange: Exchange, request: HttpRequest
    ) -> AsyncIterator[bytes]:
        try:
            async for part in body:
                exchange.response_bytes += len(part)
                yield part
        except Exception as error:
            self.recorder.failed(exchange, error)
            raise
        finally:
            self._end(exchange, request)

    def _end(self, exchange: Exchange, request: HttpRequest) -> None:
        self.recorder.end(exchange, lambda: _facts(request), request)


def _facts(request: HttpRequest) -> Facts:
    meta = request.META
    return Facts(
        method=request.method or "GET",
        path=request.path,
        query=meta.get("QUERY_STRING", ""),
        route=route(request),
        hostname=meta.get("HTTP_HOST") or meta.get("SERVER_NAME"),
        peer=meta.get("REMOTE_ADDR"),
        forwarded_for=meta.get("HTTP_X_FORWARDED_FOR"),
        user_agent=meta.get("HTTP_USER_AGENT"),
        referrer=meta.get("HTTP_REFERER"),
        request_bytes=length(str(meta.get("CONTENT_LENGTH") or "")),
    )


def route(request: HttpRequest) -> Optional[str]:
    """The template of the path: `/users/{id}/` of `users/<int:id>/` or a regular expression."""
    match = request.resolver_match
    if match is None:
        return None
    told = _CONVERTED.sub(r"{\1}", _without_groups(match.route))
    return "/" + told.lstrip("/")


def _without_groups(pattern: str) -> str:
    """A route in which `(?P<id>[0-9]+)` is `{id}`."""
    if not ("(" in pattern or pattern.startswith("^")):
        return pattern
    found, at = "", 0
    while at < len(pattern):
        named = _NAMED.match(pattern, at)
        if pattern[at] == "(":
            found += f"{{{named[1]}}}" if named else "{value}"
            at = _end_of_group(pattern, at)
        else:
            if pattern[at] not in "^$?\\":
                found += pattern[at]
            at += 1
    return found.replace("\\Z", "")


def _end_of_group(pattern: str, start: int) -> int:
    depth, at = 0, start
    while at < len(pattern):
        if pattern[at] == "\\":
            at += 1
        elif pattern[at] == "(":
            depth += 1
        elif pattern[at] == ")":
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    return at
