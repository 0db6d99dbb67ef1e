"""Writes events in bulk. Called inside the one transaction of a group commit, by nobody else."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

from events.packing import packed
from events.records import Json, StoredEvent
from loghandler import arrays, statements
from loghandler.statements import Connection, Statement, Work


def _uuids(ids: Iterable[UUID | None]) -> bytes:
    return arrays.uuids([None if id_ is None else id_.bytes for id_ in ids])


# Each column's type, and what makes an array of it.
_COLUMNS: dict[str, tuple[str, Callable[[Any], bytes]]] = {
    "application_id": ("int8", arrays.bigints),
    "received_at": ("timestamptz", arrays.timestamps),
    "occurred_at": ("timestamptz", arrays.timestamps),
    "id": ("uuid", _uuids),
    "event_id": ("uuid", _uuids),
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
}
_TYPES = [type_ for type_, _ in _COLUMNS.values()]
# COPY in binary takes the least for many events (docs/decisions/001-copy-binary.md); INSERT can be
# sent with what else is written, which is more for few (009-one-round-trip.md).
COPY_EVENTS = f"COPY events_event ({', '.join(_COLUMNS)}) FROM STDIN (FORMAT BINARY)"
_ARRAYS = ", ".join(f"${number}::{type_}[]" for number, type_ in enumerate(_TYPES, 1))
INSERT_EVENTS = Statement(
    f"INSERT INTO events_event ({', '.join(_COLUMNS)}) SELECT * FROM unnest({_ARRAYS})"  # noqa: S608
)
FEW = 100

# An id is new where no kept day has it. Sorted: two writers that insert the same ids in different
# orders would wait for each other.
CLAIM_IDS = Statement("""
    INSERT INTO events_seeneventid (application_id, event_id, day, stored_id)
    SELECT sent.application_id, sent.event_id, claimed.day, sent.stored_id
    FROM unnest($1::bigint[], $2::uuid[], $3::uuid[]) AS sent (application_id, event_id, stored_id)
    CROSS JOIN unnest($4::date[]) AS claimed (day)
    WHERE NOT EXISTS (
        SELECT FROM events_seeneventid seen
        WHERE seen.application_id = sent.application_id AND seen.event_id = sent.event_id
    )
    ORDER BY sent.application_id, sent.event_id, claimed.day
    ON CONFLICT DO NOTHING
    RETURNING stored_id
""")
STORED_IDS = Statement("""
    SELECT DISTINCT ON (sent.id) sent.id, seen.stored_id
    FROM unnest($1::bigint[], $2::uuid[], $3::uuid[]) AS sent (application_id, event_id, id)
    JOIN events_seeneventid seen USING (application_id, event_id)
    ORDER BY sent.id, seen.stored_id
""")


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
    """Claim the senders' ids of these events; returns id → id of the event stored before it.

    An id is claimed on the day of the event and, in that day's first minute, on the day before
    too: a transaction of yesterday that has not committed yet is then waited for.
    """
    named = [event for event in events if event.record.event_id is not None]
    if not named:
        return {}
    days = days_of(named)
    [rows] = statements.run(connection, [(CLAIM_IDS, [*_ids(named), arrays.dates(days)])])
    claims = Counter(id_ for (id_,) in rows)
    resent = [event for event in named if claims[event.id.bytes] < len(days)]
    if not resent:
        return {}
    [rows] = statements.run(connection, [(STORED_IDS, _ids(resent))])
    return {UUID(bytes=id_): UUID(bytes=stored_id) for id_, stored_id in rows}


def _ids(events: Sequence[StoredEvent]) -> list[bytes]:
    """The columns application_id, event_id and id."""
    return [
        arrays.bigints([event.application_id for event in events]),
        _uuids([event.record.event_id for event in events]),
        _uuids([event.id for event in events]),
    ]


def days_of(events: Iterable[StoredEvent]) -> list[date]:
    """The days whose partitions these events are written to."""
    moments = [event.received_at for event in events]
    days = {moment.date() for moment in moments}
    days |= {(moment - timedelta(minutes=1)).date() for moment in moments}
    return sorted(days)


def insert(connection: Connection, events: Sequence[StoredEvent], *following: Work) -> None:
    """Insert the events, then execute the rest, in as few round trips as that takes.

    Raises psycopg.DataError and its kin where PostgreSQL refuses an event.
    """
    if len(events) > FEW:
        _copy(connection, events)
        statements.run(connection, following)
    elif events:
        statements.run(connection, [_insertion(events), *following])


def _insertion(events: Sequence[StoredEvent]) -> Work:
    columns = zip(*map(_row, events), strict=True)
    arrays_ = [
        encoded(column) for (_, encoded), column in zip(_COLUMNS.values(), columns, strict=True)
    ]
    return INSERT_EVENTS, arrays_


def _copy(connection: Connection, events: Sequence[StoredEvent]) -> None:
    with connection.cursor() as cursor, cursor.copy(COPY_EVENTS) as copy:
        copy.set_types(_TYPES)
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
