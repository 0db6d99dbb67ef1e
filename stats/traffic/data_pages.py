"""Requests as API Analytics' server reads them out: oldest first, in numbered pages."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Sum

from stats.cover import HOUR, ceil
from stats.models import TrafficTotal
from stats.traffic.criteria import Criteria
from stats.traffic.listing import matching
from traffic.models import Request
from traffic.output import user_agents

CHUNK = 2_000
# The reference server's numbers; what it has none for is -1.
METHODS = {
    "GET": 0, "POST": 1, "PUT": 2, "PATCH": 3, "DELETE": 4, "OPTIONS": 5, "CONNECT": 6, "HEAD": 7,
    "TRACE": 8,
}  # fmt: skip
FIELDS = (
    "hostname", "ip_address", "path", "user_agent", "method", "status", "response_time", "location",
    "user_id", "created_at",
)  # fmt: skip


def chunks(
    application_id: int, criteria: Criteria, *, page: int, size: int
) -> Iterator[list[Request]]:
    """The requests of a page, from 1, in chunks, so that none is held in memory as a whole."""
    requests = matching(Request.objects.of(application_id), criteria).until(criteria.until)
    since, skipped = _beginning(application_id, criteria, (page - 1) * size)
    requests = requests.since(since).oldest_first()
    left, after = size, None
    while left > 0:
        some = requests[skipped:] if after is None else requests.after(after)
        chunk = list(some[: min(left, CHUNK)])
        if chunk:
            yield chunk
        if len(chunk) < min(left, CHUNK):
            return
        left -= len(chunk)
        after = chunk[-1].pk


def _beginning(application_id: int, criteria: Criteria, skipped: int) -> tuple[datetime, int]:
    """Where to begin to read, and how many requests to skip from there.

    Where all requests count, the hours tell; else every one that is skipped must be looked at.
    """
    if criteria.chooses or not skipped:
        return criteria.since, skipped
    whole = TrafficTotal.objects.filter(application_id=application_id, hour__gte=criteria.since)
    by_hour = whole.order_by("hour").values_list("hour").annotate(n=Sum("n"))
    since = ceil(criteria.since, HOUR)
    passed = Request.objects.of(application_id).since(criteria.since).until(since).count()
    if passed > skipped:
        return criteria.since, skipped
    for hour, n in by_hour:
        if passed + n > skipped:
            break
        since, passed = hour + HOUR, passed + n
    return since, skipped - passed


def values(chunk: list[Request]) -> Iterator[tuple[Any, ...]]:
    """The requests' values, in the order of FIELDS; nothing is ""."""
    agents = user_agents(chunk)
    for request in chunk:
        yield (
            request.hostname or "",
            request.ip_address or "",
            request.path,
            agents.get(request.agent, ""),
            METHODS.get(request.method, -1),
            request.status,
            round(request.duration_ms),
            request.country or "",
            named_user(request),
            created_at(request),
        )


def positional(chunk: list[Request]) -> Iterator[tuple[Any, ...]]:
    """The same as the reference's dashboard takes them, with the numbers of user agents."""
    for request in chunk:
        yield (
            request.ip_address or "",
            request.path,
            request.hostname or "",
            None if request.agent is None else agent_number(request.agent),
            METHODS.get(request.method, -1),
            round(request.duration_ms),
            request.status,
            request.country or "",
            named_user(request),
            created_at(request),
        )


def agent_number(agent: int) -> str:
    """As text: JavaScript's numbers have 53 bits."""
    return str(agent)


def named_user(request: Request) -> str:
    """The id that the sender gave; a day's hash says nothing to anybody."""
    user = request.user or ""
    return "" if user.startswith("~") else user


def created_at(request: Request) -> str:
    return request.occurred_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
