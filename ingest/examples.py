"""Examples of the OpenAPI document: an event as it is sent, stored and listed."""

from drf_spectacular.utils import OpenApiExample

SENDING = """
One event as a JSON object, many as a JSON array or as NDJSON (`application/x-ndjson`), up to
10,000 events or 20 MB inflated. Bodies may be chunked, and compressed with gzip, deflate, br or
zstd (`Content-Encoding`).

An answer of 201 means committed. Of many events the good ones are stored and the bad ones are
reported in `rejected`; 400 if none could be stored. Fields that are not listed here are kept in
`data`.
"""

_SENT = {
    "level": "ERROR",
    "message": "Payment failed",
    "occurred_at": "2026-11-21T08:00:00Z",
    "stack": "Traceback (most recent call last):\n  …",
    "tags": {"service": "checkout", "customer": "4711"},
    "event_id": "0c2a8f8e-5a0d-4b0b-9b5a-6a4f8f1f0d11",
    "environment": "production",
    "release": "1.4.2",
}
STORED = {
    "id": "019aa5a1-4a10-7c3e-8b2f-2f1d6c5b4a39",
    "application_id": 7,
    "received_at": "2026-11-21T08:00:00.528000Z",
    **_SENT,
    "server_name": None,
    "logger": None,
    "trace_id": None,
    "user": None,
    "data": None,
}
_COUNTED = {
    "accepted": 1,
    "duplicates": 0,
    "rejected": [{"index": 1, "errors": {"message": ["This field is required."]}}],
}

LISTED = OpenApiExample("page", STORED, response_only=True, status_codes=["200"])
SHOWN = OpenApiExample("one", STORED, response_only=True, status_codes=["200"])
SENT = [
    OpenApiExample("one event", _SENT, request_only=True, media_type="application/json"),
    OpenApiExample("stored", STORED, response_only=True, status_codes=["201"]),
    OpenApiExample("many stored", _COUNTED, response_only=True, status_codes=["201"]),
]
