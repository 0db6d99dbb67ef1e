"""What the overview tells of each application's requests of the last 24 hours."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashboard.wording import failing, milliseconds, percent
from stats.traffic.recent import Recent, recent

SORTS = {"requests": "Requests", "error-rate": "Error rate"}
_FIGURES: dict[str, Callable[[Recent], float]] = {
    "requests": lambda of_one: of_one.requests,
    "error-rate": lambda of_one: of_one.error_rate,
}
_NOTHING = -1.0  # comes after those of which something was asked, and nothing failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """The requests of one application, in words."""

    requests: int
    error_rate: str
    tone: str  # "" | "some" | "many"
    p95: str


def traffic(application_ids: Sequence[int]) -> dict[int, Traffic]:
    """Of those of these applications of which anything was asked."""
    return {id_: _traffic(of_one) for id_, of_one in recent(application_ids).items()}


def ordered(application_ids: Sequence[int], sort: str) -> list[int]:
    """The applications in an order of SORTS, the most first; those alike stay as they were."""
    found = recent(application_ids, durations=False)
    figures = {id_: _FIGURES[sort](of_one) for id_, of_one in found.items()}
    return sorted(application_ids, key=lambda id_: figures.get(id_, _NOTHING), reverse=True)


def _traffic(of_one: Recent) -> Traffic:
    return Traffic(
        requests=of_one.requests,
        error_rate=percent(of_one.error_rate),
        tone=failing(of_one.server_errors / of_one.requests, of_one.error_rate),
        p95="" if of_one.p95 is None else milliseconds(of_one.p95),
    )
