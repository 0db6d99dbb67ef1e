"""Examples of the OpenAPI document: a request as it is sent and stored."""

from drf_spectacular.utils import OpenApiExample

SENDING = """
One request as a JSON object, many as a JSON array or as NDJSON (`application/x-ndjson`), up to
10,000 requests or 20 MB inflated. Bodies may be chunked, and compressed with gzip, deflate, br or
zstd (`Content-Encoding`).

An answer of 201 means committed. Of many requests the good ones are stored and the bad ones are
reported in `rejected`; 400 if none could be stored. Texts that are too long are cut.
"""

_SENT = {
    "method": "GET",
    "route": "/users/{id}",
    "path": "/users/42?expand",
    "status": 200,
    "duration_ms": 12.5,
    "occurred_at": "2026-11-21T08:00:00Z",
    "hostname": "api.example.com",
    "ip_address": "192.0.2.17",
    "user_agent": "curl/8.5.0",
    "user_id": "4711",
    "framework": "FastAPI",
    "request_bytes": 0,
    "response_bytes": 1834,
    "release": "1.4.2",
    "environment": "production",
}
_STORED = {
    "id": "019aa5a1-4a10-7c3e-8b2f-2f1d6c5b4a39",
    "application_id": 7,
    "received_at": "2026-11-21T08:00:00.528000Z",
    **{name: value for name, value in _SENT.items() if name != "user_id"},
    "version": None,
    "referrer": None,
    "country": None,
    "client": "curl",
    "system": None,
    "device": "Program",
    "user": "4711",
    "trace_id": None,
    "event_id": None,
    "request_id": None,
}
_COUNTED = {
    "accepted": 1,
    "duplicates": 0,
    "rejected": [{"index": 1, "errors": {"method": ["This field is required."]}}],
}
LISTED = OpenApiExample("page", _STORED, response_only=True, status_codes=["200"])
SHOWN = OpenApiExample("one", _STORED, response_only=True, status_codes=["200"])
SENT = [
    OpenApiExample("one request", _SENT, request_only=True, media_type="application/json"),
    OpenApiExample("stored", _STORED, response_only=True, status_codes=["201"]),
    OpenApiExample("many stored", _COUNTED, response_only=True, status_codes=["201"]),
]
