"""The routes of a range, each with its figures, in any order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stats.traffic.criteria import Criteria
from stats.traffic.measures import Measure, by_route
from traffic import policies

PERCENTILES = (0.5, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class RankedRoute:
    """A route; durations in ms, the error rate 0 to 1 of its requests with status 400 and above."""

    method: str
    route: str
    requests: int
    client_errors: int
    server_errors: int
    error_rate: float
    p50: float
    p95: float
    p99: float
    request_bytes: int
    response_bytes: int
    apdex: float
    apdex_ms: float  # the threshold


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How long a request may take to satisfy its user, in ms."""

    ms: float
    by_route: Mapping[str, float]  # "GET /users/{id}" → ms

    def of(self, method: str, route: str) -> float:
        return float(self.by_route.get(f"{method} {route}", self.ms))


def thresholds(application_id: int) -> Thresholds:
    """Those of the application, or the default ones."""
    policy = policies.stored(application_id)
    return Thresholds(policy.apdex_ms, policy.apdex_ms_by_route)


SORTS: dict[str, Callable[[RankedRoute], Any]] = {
    "requests": lambda route: route.requests,
    "errors": lambda route: route.client_errors + route.server_errors,
    "error_rate": lambda route: route.error_rate,
    "p50": lambda route: route.p50,
    "p95": lambda route: route.p95,
    "p99": lambda route: route.p99,
    "bytes": lambda route: route.request_bytes + route.response_bytes,
    "apdex": lambda route: route.apdex,
    "route": lambda route: route.route,
}


def ranked_routes(
    application_id: int, criteria: Criteria, *, sort: str = "-requests", text: str = ""
) -> list[RankedRoute]:
    """All routes of the requests that meet the criteria, those whose name contains the text.

    `sort` is one of SORTS; with a minus before it the largest come first.
    """
    limits = thresholds(application_id)
    routes = [
        _ranked(method, route, measure, limits.of(method, route))
        for (method, route), measure in by_route(application_id, criteria).items()
        if text.lower() in f"{method} {route}".lower()
    ]
    routes.sort(key=lambda one: (one.route, one.method))
    routes.sort(key=SORTS[sort.removeprefix("-")], reverse=sort.startswith("-"))
    return routes


def _ranked(method: str, route: str, measure: Measure, apdex_ms: float) -> RankedRoute:
    p50, p95, p99 = (each or 0.0 for each in measure.percentiles(PERCENTILES))
    return RankedRoute(
        method=method,
        route=route,
        requests=measure.requests,
        client_errors=measure.client_errors,
        server_errors=measure.server_errors,
        error_rate=measure.errors / measure.requests,
        p50=p50,
        p95=p95,
        p99=p99,
        request_bytes=measure.request_bytes,
        response_bytes=measure.response_bytes,
        apdex=measure.apdex(apdex_ms) or 0.0,
        apdex_ms=apdex_ms,
    )


def sorts() -> Sequence[str]:
    """Every way to sort, the largest first and the smallest first."""
    return [sign + name for name in SORTS for sign in ("-", "")]
