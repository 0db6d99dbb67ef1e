"""What a request is, whatever protocol brought it. No Django, no I/O."""

from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from uuid import UUID

import msgspec

Address = IPv4Address | IPv6Address
# Characters of what is kept of each text: what is longer is cut, for the rest of it tells as much.
MOST_OF = {
    "method": 16,
    "path": 1_000,
    "route": 255,
    "hostname": 255,
    "user_agent": 500,
    "user_id": 255,
    "framework": 64,
    "referrer": 500,
    "release": 200,
    "environment": 200,
    "trace_id": 200,
}
# Of the sender: what it declares that may be known of its users.
PRIVACY_LEVELS = (0, 1, 2)


class RequestRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One API request as its sender tells it. Text is free of NUL and lone surrogates."""

    method: str  # in upper case
    path: str  # with its query string, where that was sent
    status: int  # of the answer; 0 where none was told
    duration_ms: float = 0.0
    route: str | None = None  # the sender's template, such as /users/{id}
    occurred_at: datetime | None = None  # aware; None: when it was received
    hostname: str | None = None
    ip_address: Address | None = None
    country: str | None = None  # where the sender knows it, and not the address
    user_agent: str | None = None
    user_id: str | None = None
    framework: str | None = None
    request_bytes: int | None = None
    response_bytes: int | None = None
    referrer: str | None = None
    release: str | None = None
    environment: str | None = None
    trace_id: str | None = None
    event_id: UUID | None = None  # that of the error which the request raised
    request_id: UUID | None = None  # the sender's own; makes resends harmless
    privacy_level: int = 0


class StoredRequest(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A request as it is stored and counted: described, and without what is private.

    The milliseconds of its id are `occurred_at`, the time that all figures go by.
    """

    application_id: int
    id: UUID
    occurred_at: datetime
    received_at: datetime
    request_id: UUID | None
    method: str
    route: str
    path: str
    status: int
    duration_ms: float
    bucket: int  # of the duration, see histograms.py
    request_bytes: int | None
    response_bytes: int | None
    hostname: str | None
    version: str | None  # of the API, such as v1
    framework: str | None
    release: str | None
    environment: str | None
    referrer: str | None
    ip_address: Address | None
    country: str | None  # ISO 3166-1 alpha-2
    user_agent: str | None
    agent: int | None  # what stands for the user agent, see user_agents.py
    client: str | None
    system: str | None
    device: str | None
    user: str | None
    trace_id: str | None
    event_id: UUID | None
