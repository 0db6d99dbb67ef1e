"""The short way of what programs send: past the middleware, which is there for people's pages.

Sessions, compression, policies and the check of the Host cost a request more than storing its
event, and mean nothing to a program that shows a key (docs/decisions/006-short-way.md).
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, get_resolver
from rest_framework.response import Response

from loghandler import giving_way

# Jobs call these addresses, by GET too.
CALLED = "/ping/"
View = Callable[..., HttpResponse]


def sent(view: View, *, short: Callable[..., HttpResponse | None]) -> View:
    """A view that programs send to: its POSTs do without the middleware below this one.

    `short(request, **kwargs)` answers what it can, which is all but what is refused; for the rest,
    where it returns None, there is the view.
    """
    view.short_way = short  # type: ignore[attr-defined]
    return view


def middleware(
    following: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    resolver = get_resolver()

    def answer(request: HttpRequest) -> HttpResponse:
        if request.method != "POST" and not request.path_info.startswith(CALLED):
            return following(request)
        try:
            match = resolver.resolve(request.path_info)
        except Resolver404:
            return following(request)
        short = getattr(match.func, "short_way", None)
        if short is None:
            return following(request)
        request.resolver_match = match
        giving_way.sending()
        response: HttpResponse | None = short(request, *match.args, **match.kwargs)
        if response is None:
            response = match.func(request, *match.args, **match.kwargs)
            if isinstance(response, Response):
                response.render()
        response["Content-Length"] = str(len(response.content))
        return response

    return answer
