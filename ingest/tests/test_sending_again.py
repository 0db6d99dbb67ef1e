"""What an event's page offers for sending it again is what the native protocol takes."""

import json
from datetime import UTC, datetime
from uuid import UUID

from events.models import Event
from events.sharing import curl
from ingest.protocols import native
from ingest.protocols.json_items import Limits


def test_what_the_command_sends_is_the_event_without_its_id() -> None:
    moment = datetime(2026, 11, 21, 8, 0, 0, 125_000, UTC)
    sent = Event(
        id=UUID("019aa5b2-3c00-7000-8000-000000000000"),
        application_id=7,
        received_at=moment,
        occurred_at=moment,
        level=40,
        message="Payment failed",
        event_id=UUID("0c2a8f8e-5a0d-4b0b-9b5a-6a4f8f1f0d11"),
        stack="Traceback",
        tags={"service": "checkout"},
        environment="production",
        server_name="web-1",
        logger="shop",
        trace_id="4bf9",
        data={"order": 4711, "message": "of another protocol", "event_id": "x"},
    )
    body = curl(sent, "http://localhost").split("\n")[1].encode()
    (record,) = native.parse(body, "application/json", Limits(10, 10**6)).events
    assert (record.message, record.level, record.event_id) == ("Payment failed", 40, None)
    assert record.occurred_at == moment
    assert (record.environment, record.server_name) == ("production", "web-1")
    assert (record.logger, record.trace_id, record.release) == ("shop", "4bf9", None)
    assert (record.stack, record.tags) == (b'"Traceback"', b'{"service":"checkout"}')
    assert json.loads(record.data or b"") == {"order": 4711}
