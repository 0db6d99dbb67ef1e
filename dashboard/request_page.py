"""All that a request's page shows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.urls import reverse

from dashboard import request_facts
from dashboard.event_facts import Fact, Facts
from dashboard.exact_times import Moment, delay, exact
from dashboard.list_addresses import traffic_addresses
from dashboard.related_rows import EventRow, RequestRow, event_row, request_row
from dashboard.request_pace import Pace, pace
from dashboard.traffic_selection import TrafficSelection
from dashboard.wording import line, milliseconds
from events.display import hidden_escaped
from stats import traces
from stats.traffic.listing import neighbours
from traffic.models import Request
from traffic.output import output, user_agents

_LONGEST_TITLE = 80
_LONGEST_HEADING = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """What belongs to a request."""

    raised: EventRow | None
    raised_id: str  # what the sender told of it
    events: Sequence[EventRow]  # others of the trace
    requests: Sequence[RequestRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Addresses from here; "" where there is none."""

    back: str
    older: str
    is_oldest: bool
    newer: str
    is_newest: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPage:
    request: Request
    title: str
    path: str
    status_class: int
    duration: str
    occurred: Moment
    received: Moment
    delay: str
    pace: Pace
    answered: Facts
    sender: Facts
    ids: Sequence[Fact]
    related: Related
    steps: Steps
    json: str


def request_page(request: Request, selection: TrafficSelection, now: datetime) -> RequestPage:
    """What the page of a request shows that was opened from this state of the traffic page."""
    addresses = traffic_addresses(request, now)
    agent = user_agents([request]).get(request.agent)
    return RequestPage(
        request=request,
        title=line(f"{request.method} {request.path}", _LONGEST_TITLE),
        path=line(request.path, _LONGEST_HEADING),
        status_class=request.status // 100,
        duration=milliseconds(request.duration_ms),
        occurred=exact(request.occurred_at),
        received=exact(request.received_at),
        delay=delay(request.occurred_at, request.received_at),
        pace=pace(request, addresses),
        answered=request_facts.answered(request, addresses),
        sender=request_facts.sender(request, agent, addresses),
        ids=request_facts.ids(request),
        related=_related(request),
        steps=_steps(request, selection),
        json=_json(request, agent),
    )


def _related(request: Request) -> Related:
    told = bool(request.event_id or request.trace_id)
    events = traces.events_of(request) if told else []
    requests = traces.others_of_trace(request) if request.trace_id else []
    raised = next((event for event in events if traces.raised(request, event)), None)
    return Related(
        raised=event_row(raised) if raised else None,
        raised_id=str(request.event_id or ""),
        events=[event_row(event) for event in events if event is not raised],
        requests=[request_row(one) for one in requests],
    )


def _steps(request: Request, selection: TrafficSelection) -> Steps:
    beside = neighbours(request.application_id, selection.listed, request)
    state = selection.address(before=selection.before).removesuffix("?")

    def address(name: str, *args: object) -> str:
        return reverse(f"dashboard:{name}", args=[request.application_id, *args]) + state

    return Steps(
        back=f"{address('traffic')}#requests",
        older=address("request", beside.older) if beside.older else "",
        is_oldest=beside.is_oldest,
        newer=address("request", beside.newer) if beside.newer else "",
        is_newest=beside.is_newest,
    )


def _json(request: Request, user_agent: str | None) -> str:
    """All that is stored of it, as the REST API tells it."""
    told = msgspec.to_builtins(output(request, user_agent))
    return hidden_escaped(json.dumps(told, indent=2, ensure_ascii=False))
