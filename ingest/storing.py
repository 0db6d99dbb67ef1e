"""One transaction: claim the senders' ids, insert what is new, count it."""

import logging
from collections.abc import Sequence
from uuid import UUID

import msgspec
import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

from events import records, writer
from events.records import StoredEvent
from loghandler import partitions
from loghandler.statements import Connection
from stats import rollups

logger = logging.getLogger(__name__)

# What a record itself can be refused for: by PostgreSQL, or on its way there.
POISON = (
    psycopg.DataError,
    errors.ProgramLimitExceeded,
    errors.StatementTooComplex,
    UnicodeError,
    OverflowError,
)

OUT_OF_RANGE = "PostgreSQL can't store it: a number in it is out of range."


class NothingSent(Exception):
    """The connection broke before the commit was sent: storing again can't store twice."""


class Stored(msgspec.Struct, frozen=True):
    """What became of the events of one transaction, by their ids; the others are stored."""

    duplicates: dict[UUID, UUID]  # id → id of the event stored before it
    refused: dict[UUID, str]  # id → reason


def store(connection: Connection, events: Sequence[StoredEvent]) -> Stored:
    """Store the events in one transaction.

    Raises NothingSent where the connection broke before the commit, psycopg.Error where PostgreSQL
    could not store any of them.
    A record that PostgreSQL refuses does not fail its neighbours: it is looked for, by halves, in
    transactions that are rolled back, and left out.
    """
    try:
        return _stored_but_poison(connection, events)
    except errors.CheckViolation:
        heal(events)
        return _stored_but_poison(connection, events)


def _stored_but_poison(connection: Connection, events: Sequence[StoredEvent]) -> Stored:
    try:
        return Stored(_transaction(connection, events), {})
    except POISON:
        refused = poisoned(connection, events)
        healthy = [event for event in events if event.id not in refused]
        return Stored(_transaction(connection, healthy), refused)


def _transaction(connection: Connection, events: Sequence[StoredEvent]) -> dict[UUID, UUID]:
    if not events:
        return {}
    _check(connection)
    if _take_one_round_trip(connection, events):
        _insert(connection, events)
        return {}
    committing = False
    try:
        with connection.transaction():
            duplicates = writer.claim(connection, events)
            new = [e for e in events if e.id not in duplicates] if duplicates else events
            if new:
                _insert(connection, new)
            committing = True
    except psycopg.OperationalError as error:
        if committing or not connection.closed:
            raise
        raise NothingSent(str(error)) from error
    return duplicates


def _check(connection: Connection) -> None:
    """Raise NothingSent where the connection broke while it was idle."""
    try:
        for _ in range(2):  # the server's last words, the end
            connection.pgconn.consume_input()
    except psycopg.OperationalError as error:
        raise NothingSent(str(error)) from error


def _take_one_round_trip(connection: Connection, events: Sequence[StoredEvent]) -> bool:
    """Whether they are sent together with the commit; whoever claims ids waits for the answer."""
    return (
        len(events) <= writer.FEW
        and connection.info.transaction_status == TransactionStatus.IDLE
        and all(event.record.event_id is None for event in events)
    )


def _insert(connection: Connection, events: Sequence[StoredEvent]) -> None:
    tally = rollups.Tally(map(counted, events))
    writer.insert(connection, events, *rollups.additions(tally))


def counted(event: StoredEvent) -> rollups.Counted:
    record = event.record
    return event.application_id, event.id, event.received_at, record.level, record.message


def heal(events: Sequence[StoredEvent]) -> None:
    """Make the partitions that a write found missing."""
    made = partitions.ensure(*writer.days_of(events))
    logger.warning("Made partitions at the write: %s", ", ".join(made))


def poisoned(connection: Connection, events: Sequence[StoredEvent]) -> dict[UUID, str]:
    """The events that can't be stored, each with the reason.

    Numbers are looked at here: searching ten thousand of them by halves would hold everyone up.
    """
    refused = {event.id: OUT_OF_RANGE for event in events if records.overflows(event.record)}
    return refused | _halved(connection, [event for event in events if event.id not in refused])


def _halved(connection: Connection, events: Sequence[StoredEvent]) -> dict[UUID, str]:
    try:
        with connection.transaction(force_rollback=True):
            writer.insert(connection, events)
    except POISON as error:
        if len(events) == 1:
            return {events[0].id: _reason(error)}
        half = len(events) // 2
        return _halved(connection, events[:half]) | _halved(connection, events[half:])
    return {}


def _reason(error: Exception) -> str:
    if isinstance(error, psycopg.Error) and error.diag.message_primary:
        return f"PostgreSQL can't store it: {error.diag.message_primary}."
    return f"It can't be stored: {error}."
