"""A Django service, under WSGI and ASGI."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from clients.python.tests.wsgi_services import settings
from django.core.asgi import get_asgi_application
from django.core.exceptions import PermissionDenied
from django.core.wsgi import get_wsgi_application
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import include, path, re_path


class _Both:
    """A middleware that runs as what comes after it does: under uvicorn no thread is needed."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)


class Dropping(_Both):
    """Answers something else, where it is asked to."""

    def __call__(self, request: HttpRequest) -> Any:
        response = self.get_response(request)
        if iscoroutinefunction(self):
            return self._awaited(request, response)
        return self._answer(request, response)

    async def _awaited(self, request: HttpRequest, response: Any) -> Any:
        return self._answer(request, await response)

    def _answer(self, request: HttpRequest, response: Any) -> Any:
        if "HTTP_X_DROP" not in request.META:
            return response
        response.close()
        return HttpResponse("dropped")


class Failing(_Both):
    """Raises, where it is asked to; and takes an error."""

    def __call__(self, request: HttpRequest) -> Any:
        if request.path.startswith("/middleware"):
            raise ValueError(request.path)
        return self.get_response(request)

    def process_exception(self, _request: HttpRequest, error: Exception) -> HttpResponse | None:
        return HttpResponse(status=418) if isinstance(error, settings.Refused) else None


def item(_request: HttpRequest, item: int) -> HttpResponse:
    return HttpResponse(f"item {item}")


def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.body, status=201)


def stream(_request: HttpRequest, count: int) -> StreamingHttpResponse:
    return StreamingHttpResponse(settings.pieces(count))


def cut(_request: HttpRequest, text: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(settings.cut(text))


def boom(_request: HttpRequest, text: str) -> HttpResponse:
    return HttpResponse(settings.boom(text))


def logged(_request: HttpRequest, text: str) -> HttpResponse:
    return HttpResponse(settings.logged(text))


def refused(_request: HttpRequest) -> HttpResponse:
    raise settings.Refused


def broken(_request: HttpRequest) -> HttpResponse:
    raise settings.Broken("out of order")


def handler500(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=503 if isinstance(sys.exc_info()[1], settings.Broken) else 500)


def missing(_request: HttpRequest) -> HttpResponse:
    raise Http404


def denied(_request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def file(_request: HttpRequest) -> FileResponse:
    return FileResponse(Path(settings.__file__).open("rb"))


async def async_item(_request: HttpRequest, item: int) -> HttpResponse:
    await asyncio.sleep(0.001)
    return HttpResponse(f"item {item}")


async def async_stream(_request: HttpRequest, count: int) -> StreamingHttpResponse:
    async def pieces() -> AsyncIterator[bytes]:
        for number in range(count):
            if number:
                await asyncio.sleep(settings.PIECE)
            yield b"piece %d\n" % number

    return StreamingHttpResponse(pieces())


async def async_boom(_request: HttpRequest, text: str) -> HttpResponse:
    await asyncio.sleep(0.02)
    raise ValueError(text)


async def async_cut(_request: HttpRequest, text: str) -> StreamingHttpResponse:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        await asyncio.sleep(0)
        yield b"two"
        raise ValueError(text)

    return StreamingHttpResponse(pieces())


def stats(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(settings.stats())


def order(_request: HttpRequest, **values: str) -> HttpResponse:
    return HttpResponse(" ".join(values.values()))


orders = [
    re_path(r"^orders/(?P<state>open|paid)/(?P<rest>[^()]+)$", order),
    re_path(r"^export\.(?P<kind>[a-z]{2,4}(?:\.gz)?)/?\Z", order),
]
urlpatterns = [
    path("items/<int:item>", item),
    path("echo", echo),
    path("stream/<int:count>", stream),
    path("cut/<text>", cut),
    path("boom/<text>", boom),
    path("logged/<text>", logged),
    path("refused", refused),
    path("broken", broken),
    path("missing", missing),
    path("denied", denied),
    path("file", file),
    path("async/items/<int:item>", async_item),
    path("async/stream/<int:count>", async_stream),
    path("async/boom/<text>", async_boom),
    path("async/cut/<text>", async_cut),
    path("shops/<slug:shop>/", include(orders)),
    path(settings.STATS.lstrip("/"), stats),
]
app, asgi = get_wsgi_application(), get_asgi_application()
