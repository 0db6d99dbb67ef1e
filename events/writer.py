"""Writes events in bulk. Called inside the one transaction of a group commit, by nobody else."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

from events.packing import packed
from events.records import Json, StoredEvent

# COPY in binary took half the time of INSERT … SELECT FROM unnest(…) from ten rows on and no more
# for one (docs/decisions/001-copy-binary.md).
_COLUMNS = {
    "application_id": "int8",
    "received_at": "timestamptz",
    "occurred_at": "timestamptz",
    "id": "uuid",
    "event_id": "uuid",
    "level": "int2",
    "message": "text",
    "environment": "text",
    "release": "text",
    "server_name": "text",
    "logger": "text",
    "trace_id": "text",
    "tags": "jsonb",
    "stack": "bytea",
    '"user"': "jsonb",
    "data": "bytea",
}
COPY_EVENTS = f"COPY events_event ({', '.join(_COLUMNS)}) FROM STDIN (FORMAT BINARY)"

# An id is new where no kept day has it. Sorted: two writers that insert the same ids in different
# orders would wait for each other.
CLAIM_IDS = """
    INSERT INTO events_seeneventid (application_id, event_id, day, stored_id)
    SELECT sent.application_id, sent.event_id, claimed.day, sent.stored_id
    FROM unnest(%b::bigint[], %b::uuid[], %b::uuid[]) AS sent (application_id, event_id, stored_id)
    CROSS JOIN unnest(%b::date[]) AS claimed (day)
    WHERE NOT EXISTS (
        SELECT FROM events_seeneventid seen
        WHERE seen.application_id = sent.application_id AND seen.event_id = sent.event_id
    )
    ORDER BY sent.application_id, sent.event_id, claimed.day
    ON CONFLICT DO NOTHING
    RETURNING stored_id
"""
STORED_IDS = """
    SELECT DISTINCT ON (application_id, event_id) application_id, event_id, seen.stored_id
    FROM unnest(%b::bigint[], %b::uuid[]) AS sent (application_id, event_id)
    JOIN events_seeneventid seen USING (application_id, event_id)
    ORDER BY application_id, event_id, seen.stored_id
"""


class _JsonText(bytes):
    """JSON text on its way into a jsonb column."""


class _JsonTextDumper(Dumper):
    format = Format.BINARY
    oid = psycopg.adapters.types["jsonb"].oid

    def dump(self, obj: Any) -> bytes:
        return b"\x01" + obj  # type: ignore[no-any-return]  # jsonb's binary format: a version, then the text


def prepare(connection: psycopg.Connection[Any]) -> None:
    """Teach a connection, once, what `insert` sends through it."""
    connection.adapters.register_dumper(_JsonText, _JsonTextDumper)


def claim(cursor: psycopg.Cursor[Any], events: Sequence[StoredEvent]) -> dict[UUID, UUID]:
    """Claim the senders' ids of these events; returns id → id of the event stored before it.

    An id is claimed on the day of the event and, in that day's first minute, on the day before
    too: a transaction of yesterday that has not committed yet is then waited for.
    """
    named = {event.id: event for event in events if event.record.event_id is not None}
    if not named:
        return {}
    days = days_of(named.values())
    cursor.execute(CLAIM_IDS, [*_keys(named.values()), list(named), days])
    claims: dict[UUID, int] = dict.fromkeys(named, 0)
    for (stored_id,) in cursor.fetchall():
        claims[stored_id] += 1
    resent = [named[id_] for id_, claimed in claims.items() if claimed < len(days)]
    if not resent:
        return {}
    cursor.execute(STORED_IDS, _keys(resent))
    stored = {(app, event_id): id_ for app, event_id, id_ in cursor.fetchall()}
    return {event.id: stored[event.application_id, event.record.event_id] for event in resent}


def _keys(events: Iterable[StoredEvent]) -> list[list[Any]]:
    """The columns application_id and event_id."""
    pairs = ((event.application_id, event.record.event_id) for event in events)
    return [list(column) for column in zip(*pairs, strict=True)]


def days_of(events: Iterable[StoredEvent]) -> list[date]:
    """The days whose partitions these events are written to."""
    moments = [event.received_at for event in events]
    days = {moment.date() for moment in moments}
    days |= {(moment - timedelta(minutes=1)).date() for moment in moments}
    return sorted(days)


def insert(cursor: psycopg.Cursor[Any], events: Sequence[StoredEvent]) -> None:
    """Insert the events. Raises psycopg.DataError and its kin where PostgreSQL refuses one."""
    if not events:
        return
    with cursor.copy(COPY_EVENTS) as copy:
        copy.set_types(list(_COLUMNS.values()))
        for event in events:
            copy.write_row(_row(event))


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
