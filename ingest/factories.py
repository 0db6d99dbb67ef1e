"""Records and batches as tests need them."""

from typing import Any

from events.records import EventRecord
from ingest.records import Batch
from traffic.records import RequestRecord


def create_record(message: str = "Boom", **fields: Any) -> EventRecord:
    return EventRecord(message=message, **{"level": 40, **fields})


def create_batch(*records: EventRecord) -> Batch:
    return Batch(records, range(len(records)))


def create_requests(*records: RequestRecord) -> Batch:
    return Batch(requests=records, request_positions=range(len(records)))
