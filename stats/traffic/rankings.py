"""The routes of a range, each with its figures, in any order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from stats.asking import Asking, asked
from stats.traffic.criteria import Criteria
from stats.traffic.measures import Measure, by_route
from stats.traffic.policy import policy

PERCENTILES = (0.5, 0.95, 0.99)


@dataclass(frozen=True)
class RankedRoute:
    """A route; durations in ms, the error rate 0 to 1 of its requests with status 400 and above."""

    method: str
    route: str
    measure: Measure
    apdex_ms: float  # the threshold

    @property
    def requests(self) -> int:
        return self.measure.requests

    @property
    def client_errors(self) -> int:
        return self.measure.client_errors

    @property
    def server_errors(self) -> int:
        return self.measure.server_errors

    @property
    def error_rate(self) -> float:
        return self.measure.errors / self.measure.requests

    @property
    def request_bytes(self) -> int:
        return self.measure.request_bytes

    @property
    def response_bytes(self) -> int:
        return self.measure.response_bytes

    @property
    def p50(self) -> float:
        return self._percentiles[0]

    @property
    def p95(self) -> float:
        return self._percentiles[1]

    @property
    def p99(self) -> float:
        return self._percentiles[2]

    @cached_property
    def _percentiles(self) -> list[float]:
        """When they are asked for: of many routes a page shows some."""
        return [each or 0.0 for each in self.measure.percentiles(PERCENTILES)]

    @cached_property
    def apdex(self) -> float:
        return self.measure.apdex(self.apdex_ms) or 0.0


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How long a request may take to satisfy its user, in ms."""

    ms: float
    by_route: Mapping[str, float]  # "GET /users/{id}" → ms

    def of(self, method: str, route: str) -> float:
        return float(self.by_route.get(f"{method} {route}", self.ms))


def thresholds(application_id: int) -> Thresholds:
    """Those of the application, or the default ones."""
    stored = policy(application_id)
    return Thresholds(stored.apdex_ms, stored.apdex_ms_by_route)


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


@asked
def ranked_routes(
    application_id: int, criteria: Criteria, *, sort: str = "-requests", text: str = ""
) -> Asking[list[RankedRoute]]:
    """All routes of the requests that meet the criteria, those whose name contains the text.

    `sort` is one of SORTS; with a minus before it the largest come first.
    """
    limits = thresholds(application_id)
    measures = yield from by_route.steps(application_id, criteria)
    routes = [
        RankedRoute(method, route, measure, limits.of(method, route))
        for (method, route), measure in measures.items()
        if text.lower() in f"{method} {route}".lower()
    ]
    routes.sort(key=lambda one: (one.route, one.method))
    routes.sort(key=SORTS[sort.removeprefix("-")], reverse=sort.startswith("-"))
    return routes


def sorts() -> Sequence[str]:
    """Every way to sort, the largest first and the smallest first."""
    return [sign + name for name in SORTS for sign in ("-", "")]
