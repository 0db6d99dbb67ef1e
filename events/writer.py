"""Writes events in bulk. Called inside the one transaction of a group commit, by nobody else."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

from events.packing import packed
from events.records import Json, StoredEvent
from loghandler import arrays, ledger
from loghandler.bulk import BulkTable
from loghandler.ledger import Ledger
from loghandler.statements import Connection, Work

TABLE = BulkTable(
    "events_event",
    {
        "application_id": ("int8", arrays.bigints),
        "received_at": ("timestamptz", arrays.timestamps),
        "occurred_at": ("timestamptz", arrays.timestamps),
        "id": ("uuid", arrays.uuid_objects),
        "event_id": ("uuid", arrays.uuid_objects),
        "level": ("int2", arrays.smallints),
        "message": ("text", arrays.texts),
        "environment": ("text", arrays.texts),
        "release": ("text", arrays.texts),
        "server_name": ("text", arrays.texts),
        "logger": ("text", arrays.texts),
        "trace_id": ("text", arrays.texts),
        "tags": ("jsonb", arrays.jsonbs),
        "stack": ("bytea", arrays.byteas),
        '"user"': ("jsonb", arrays.jsonbs),
        "data": ("bytea", arrays.byteas),
    },
)
LEDGER = Ledger("events_seeneventid", "event_id")


class _JsonText(bytes):
    """JSON text on its way into a jsonb column."""


class _JsonTextDumper(Dumper):
    format = Format.BINARY
    oid = psycopg.adapters.types["jsonb"].oid

    def dump(self, obj: Any) -> bytes:
        return b"\x01" + obj  # type: ignore[no-any-return]  # jsonb's binary format: a version, then the text


def prepare(connection: Connection) -> None:
    """Teach a connection, once, what COPY sends through it."""
    connection.adapters.register_dumper(_JsonText, _JsonTextDumper)


def claim(connection: Connection, events: Sequence[StoredEvent]) -> dict[UUID, UUID]:
    """Claim the senders' ids of these events; returns id → id of the event stored before it."""
    named = [event for event in events if event.record.event_id is not None]
    sent = [(event.application_id, event.record.event_id, event.id) for event in named]
    return LEDGER.claim(connection, sent, [event.received_at for event in named])  # type: ignore[arg-type]


def days_of(events: Iterable[StoredEvent]) -> list[date]:
    """The days whose partitions these events are written to."""
    return ledger.days_of(event.received_at for event in events)


def written(connection: Connection, events: Sequence[StoredEvent]) -> list[Work]:
    """Insert many; of few, the statement that inserts them. Raises DataError and its kin."""
    return TABLE.written(connection, [_row(event) for event in events])


def _row(event: StoredEvent) -> tuple[Any, ...]:
    record = event.record
    return (
        event.application_id,
        event.received_at,
        record.occurred_at or event.received_at,
        event.id,
        record.event_id,
        record.level,
        record.message,
        record.environment,
        record.release,
        record.server_name,
        record.logger,
        record.trace_id,
        _JsonText(record.tags),
        _packed(record.stack),
        None if record.user is None else _JsonText(record.user),
        _packed(record.data),
    )


def _packed(text: Json | None) -> bytes | None:
    return None if text is None else packed(text)
