"""All that an event's page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard import event_facts, event_texts
from dashboard.event_facts import Fact, Facts
from dashboard.event_stack import ShownStack, shown_stack
from dashboard.event_texts import Text
from dashboard.exact_times import Moment, delay, exact
from dashboard.list_addresses import list_addresses
from dashboard.message_course import Course, course
from dashboard.related_rows import RequestRow, request_row
from events.models import Event
from stats import traces


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    event: Event
    title: str
    heading: str
    message: Text | None  # where the heading does not tell all of it
    occurred: Moment
    received: Moment
    delay: str  # between them, where it is notable
    stack: ShownStack | None
    fields: Sequence[Fact]
    tags: Facts | None
    user: Facts | None
    data: Facts | None
    course: Course
    requests: Sequence[RequestRow]  # of its trace, and the one that raised it
    json: Text
    shared: Mapping[str, str]  # texts to copy


def event_page(event: Event, now: datetime, url: str, base_url: str) -> EventPage:
    """What the page of an event shows. Its own address and the service's are for its texts."""
    addresses = list_addresses(event, now)
    json = event_texts.stored_json(event)
    return EventPage(
        event=event,
        title=event_texts.title(event),
        heading=event_texts.heading(event),
        message=event_texts.message(event),
        occurred=exact(event.occurred_at),
        received=exact(event.received_at),
        delay=delay(event.occurred_at, event.received_at),
        stack=shown_stack(event.stack),
        fields=event_facts.fields(event, addresses),
        tags=event_facts.tags(event, addresses),
        user=event_facts.flat(event.user, "name"),
        data=event_facts.data(event),
        course=course(event, addresses, now),
        requests=_requests(event),
        json=json,
        shared={} if json.is_cut else event_texts.shared(event, url, base_url),
    )


def _requests(event: Event) -> list[RequestRow]:
    """The one that raised it first."""
    rows = [request_row(request, event) for request in traces.requests_of(event)]
    return sorted(rows, key=lambda row: not row.raised)
