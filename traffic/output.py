"""Stored requests as the REST API shows them."""

from collections.abc import Sequence
from typing import Any

from events.records import iso_utc
from traffic.models import Request, UserAgent

# In the order in which they are shown.
FIELDS = (
    "id", "application_id", "occurred_at", "received_at", "method", "route", "path", "status",
    "duration_ms", "request_bytes", "response_bytes", "hostname", "version", "framework", "release",
    "environment", "referrer", "ip_address", "country", "user_agent", "client", "system", "device",
    "user", "trace_id", "event_id", "request_id",
)  # fmt: skip


def outputs(requests: Sequence[Request]) -> list[dict[str, Any]]:
    """The requests of one application, with the texts of their user agents, by one query."""
    agents = user_agents(requests)
    return [output(request, agents.get(request.agent)) for request in requests]


def output(request: Request, user_agent: str | None) -> dict[str, Any]:
    given: dict[str, Any] = {"user_agent": user_agent}
    for field in FIELDS:
        given.setdefault(field, getattr(request, field, None))
    given["occurred_at"] = iso_utc(request.occurred_at)
    given["received_at"] = iso_utc(request.received_at)
    return {field: given[field] for field in FIELDS}


def user_agents(requests: Sequence[Request]) -> dict[int | None, str]:
    """Number → text of the user agents of one application's requests."""
    months = {request.occurred_at.date().replace(day=1) for request in requests}
    numbers = {request.agent for request in requests if request.agent is not None}
    if not numbers:
        return {}
    found = UserAgent.objects.filter(
        application_id=requests[0].application_id, month__in=months, number__in=numbers
    )
    return dict(found.values_list("number", "text"))
