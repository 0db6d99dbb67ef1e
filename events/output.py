"""An event as the REST API tells it."""

from typing import Any

from events.models import Event
from events.records import iso_utc


def output(event: Event) -> dict[str, Any]:
    """All that is stored of it, in values that JSON has; a seventh of what EventOutput takes."""
    return {
        "id": str(event.id),
        "application_id": event.application_id,
        "received_at": iso_utc(event.received_at),
        "occurred_at": iso_utc(event.occurred_at),
        "level": event.level_name,
        "message": event.message,
        "stack": event.stack,
        "tags": event.tags,
        "event_id": event.event_id and str(event.event_id),
        "environment": event.environment,
        "release": event.release,
        "server_name": event.server_name,
        "logger": event.logger,
        "trace_id": event.trace_id,
        "user": event.user,
        "data": event.data,
    }
