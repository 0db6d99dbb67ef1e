"""What passes between a protocol and the pipeline. No Django, no I/O."""

from collections.abc import Mapping, Sequence

import msgspec

from events.records import EventRecord, StoredEvent
from traffic.records import RequestRecord, StoredRequest

StoredItem = StoredEvent | StoredRequest


class Rejection(msgspec.Struct, frozen=True):
    """An item of a batch that was not stored, and why, by field."""

    index: int
    errors: Mapping[str, Sequence[str]]


class Batch(msgspec.Struct, frozen=True):
    """What a protocol found in a body: `positions[n]` is where `events[n]` stood in it, and so for
    the requests.
    """

    events: Sequence[EventRecord] = ()
    positions: Sequence[int] = ()
    rejected: Sequence[Rejection] = ()
    single: bool = False  # one item sent by itself, answered by itself
    requests: Sequence[RequestRecord] = ()
    request_positions: Sequence[int] = ()


class Outcome(msgspec.Struct, frozen=True):
    """What became of a batch, committed. A duplicate carries the identity of its first sending."""

    accepted: Sequence[StoredEvent]
    duplicates: Sequence[StoredEvent]
    rejected: Sequence[Rejection]
    requests: Sequence[StoredRequest] = ()
    duplicate_requests: Sequence[StoredRequest] = ()
