"""What belongs together: events and requests of one trace, and the error that a request raised.

No index tells it. The rows around a moment are looked at, by their primary keys and the nearest
ones first: so few that a page can ask at once, and enough, for a trace is mostly over in seconds.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from events.models import Event, EventQuerySet, SeenEventId
from traffic.models import Request, RequestQuerySet

AROUND = timedelta(minutes=1)  # before a moment, and after it
MOST_ROWS = 5_000  # that are looked at before the moment, and after it
MOST_FOUND = 20

NEAR = """
    SELECT near.* FROM (({earlier}) UNION ALL ({later})) AS near
    WHERE {related} ORDER BY id LIMIT %s
"""

Related = Mapping[str, Sequence[Any]]  # column → values


def events_of(request: Request) -> list[Event]:
    """The events of the request's trace, and the error it raised, without stack, data and user."""
    related: Related = {
        "trace_id": [request.trace_id],
        "event_id": [request.event_id],
        "id": [request.event_id],  # those who send none of their own may tell ours
    }
    events = Event.objects.of(request.application_id).defer("stack", "data", "user")
    found: list[Event] = _near(events, request.occurred_at, related)
    if request.event_id and not any(raised(request, event) for event in found):
        found += _by_ledger(request.application_id, request.event_id)
    return found


def raised(request: Request, event: Event) -> bool:
    """Whether the event is the error that the request raised."""
    return request.event_id is not None and request.event_id in (event.event_id, event.id)


def requests_of(event: Event) -> list[Request]:
    """The requests of the event's trace, and the one that raised it."""
    related: Related = {"trace_id": [event.trace_id], "event_id": [event.event_id, event.id]}
    requests = Request.objects.of(event.application_id)
    return _near(requests, event.occurred_at, related)


def others_of_trace(request: Request) -> list[Request]:
    """The other requests of a request's trace."""
    requests = Request.objects.of(request.application_id)
    found = _near(requests, request.occurred_at, {"trace_id": [request.trace_id]})
    return [one for one in found if one.id != request.id]


def _near(rows: EventQuerySet | RequestQuerySet, moment: datetime, related: Related) -> list[Any]:
    """The rows within a minute that have one of these values, the oldest first."""
    asked = {
        column: told for column, values in related.items() if (told := list(filter(None, values)))
    }
    if not asked:
        return []
    earlier = rows.since(moment - AROUND).until(moment).newest_first()[:MOST_ROWS]
    later = rows.since(moment).until(moment + AROUND).oldest_first()[:MOST_ROWS]
    first, given = earlier.query.sql_with_params()
    second, given_too = later.query.sql_with_params()
    same = " OR ".join(f"{column} = ANY (%s)" for column in asked)
    statement = NEAR.format(earlier=first, later=second, related=same)
    parameters = [*given, *given_too, *asked.values(), MOST_FOUND]
    return list(rows.model.objects.raw(statement, parameters))


def _by_ledger(application_id: int, event_id: UUID) -> list[Event]:
    """The event that was stored for a sender's id lately, whenever that was."""
    seen = SeenEventId.objects.filter(application_id=application_id, event_id=event_id)
    stored_id = seen.values_list("stored_id", flat=True).first()
    if stored_id is None:
        return []
    events = Event.objects.of(application_id).defer("stack", "data", "user")
    return list(events.identified(stored_id))
