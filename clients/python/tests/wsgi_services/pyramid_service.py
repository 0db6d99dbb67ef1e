"""A Pyramid service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clients.python.tests.wsgi_services import settings
from pyramid.config import Configurator
from pyramid.response import Response

from loghandler_client.pyramid import Analytics


def answered(view: Callable[..., Any], status: int = 200) -> Callable[[Any, Any], Response]:
    """A view that is given what the route says."""

    def found(_context: Any, request: Any) -> Response:
        said = view(**request.matchdict)
        return Response(body=said.encode() if isinstance(said, str) else said, status=status)

    return found


def echo(_context: Any, request: Any) -> Response:
    return Response(body=request.body, status=201)


def stream(_context: Any, request: Any) -> Response:
    return Response(app_iter=settings.pieces(int(request.matchdict["count"])))


def cut(_context: Any, request: Any) -> Response:
    return Response(app_iter=settings.cut(request.matchdict["text"]))


def refused() -> str:
    raise settings.Refused


def broken() -> str:
    raise settings.Broken("out of order")


def order(shop: str, state: str, rest: tuple[str, ...]) -> str:
    return f"{shop} {state} {'/'.join(rest)}"


VIEWS = {
    r"/items/{item:\d{1,9}}": answered("item {item}".format),
    "/echo": echo,
    "stream/{count}": stream,
    "/cut/{text}": cut,
    "/boom/{text}": answered(settings.boom),
    "/logged/{text}": answered(settings.logged),
    "/refused": answered(refused),
    "/broken": answered(broken),
    "/shops/{shop}/orders/{state:open|paid}/*rest": answered(order),
    settings.STATS: answered(settings.stats),
}

with Configurator() as configurator:
    for pattern, view in VIEWS.items():
        configurator.add_route(pattern, pattern)
        configurator.add_view(view, route_name=pattern)
    for error, status in ((settings.Refused, 418), (settings.Broken, 503)):
        configurator.add_exception_view(
            lambda _error, _request, status=status: Response(status=status), context=error
        )

app = Analytics(configurator.make_wsgi_app(), settings.KEY, settings.config())
settings.log()
