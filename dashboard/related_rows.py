"""Rows of what belongs to an event or a request: events and requests of the same trace."""

from dataclasses import dataclass

from dashboard.event_texts import heading
from dashboard.wording import line, milliseconds
from events.models import Event
from stats.traces import raised
from traffic.models import Request

_LONGEST_PATH = 200


@dataclass(frozen=True, slots=True)
class EventRow:
    event: Event
    message: str


@dataclass(frozen=True, slots=True)
class RequestRow:
    request: Request
    path: str
    status_class: int
    duration: str
    raised: bool  # the event of whose page it is a row


def event_row(event: Event) -> EventRow:
    return EventRow(event, heading(event))


def request_row(request: Request, event: Event | None = None) -> RequestRow:
    path = line(request.path, _LONGEST_PATH)
    duration = milliseconds(request.duration_ms)
    has_raised = event is not None and raised(request, event)
    return RequestRow(request, path, request.status // 100, duration, has_raised)
