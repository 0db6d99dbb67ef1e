"""One transaction: claim the senders' ids, insert what is new, count it."""

import logging
import struct
from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec
import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

import events.writer
import traffic.writer
from events import records
from events.records import StoredEvent
from ingest.records import StoredItem
from loghandler import bulk, partitions, statements
from loghandler.statements import Connection, Work
from stats import rollups
from stats.traffic import rollups as traffic_rollups
from traffic.records import StoredRequest

logger = logging.getLogger(__name__)

# What a record itself can be refused for: by PostgreSQL, or on its way there.
POISON = (
    psycopg.DataError,
    errors.ProgramLimitExceeded,
    errors.StatementTooComplex,
    UnicodeError,
    struct.error,
    OverflowError,
)

OUT_OF_RANGE = "PostgreSQL can't store it: a number in it is out of range."


class NothingSent(Exception):
    """The connection broke before the commit was sent: storing again can't store twice."""


class Stored(msgspec.Struct, frozen=True):
    """What became of the items of one transaction, by their ids; the others are stored."""

    duplicates: dict[UUID, UUID]  # id → id of what was stored before it
    refused: dict[UUID, str]  # id → reason


class _Items(msgspec.Struct, frozen=True):
    """What one transaction stores, by kind."""

    events: Sequence[StoredEvent]
    requests: Sequence[StoredRequest]

    @classmethod
    def of(cls, items: Sequence[StoredItem]) -> "_Items":
        events = [item for item in items if type(item) is StoredEvent]
        if len(events) == len(items):
            return cls(events, ())
        return cls(events, [item for item in items if type(item) is StoredRequest])

    def __len__(self) -> int:
        return len(self.events) + len(self.requests)

    def without(self, ids: Collection[UUID]) -> "_Items":
        if not ids:
            return self
        return _Items(
            [event for event in self.events if event.id not in ids],
            [request for request in self.requests if request.id not in ids],
        )

    @property
    def unnamed(self) -> bool:
        """Whether none has an id of its sender's, which is to be claimed."""
        return all(event.record.event_id is None for event in self.events) and all(
            request.request_id is None for request in self.requests
        )


def store(connection: Connection, items: Sequence[StoredItem]) -> Stored:
    """Store the items in one transaction.

    Raises NothingSent where the connection broke before the commit, psycopg.Error where PostgreSQL
    could not store any of them.
    A record that PostgreSQL refuses does not fail its neighbours: it is looked for, by halves, in
    transactions that are rolled back, and left out.
    """
    by_kind = _Items.of(items)
    try:
        return _stored_but_poison(connection, by_kind)
    except errors.CheckViolation:
        heal(by_kind)
        return _stored_but_poison(connection, by_kind)


def _stored_but_poison(connection: Connection, items: _Items) -> Stored:
    try:
        return Stored(_transaction(connection, items), {})
    except POISON:
        refused = poisoned(connection, items)
        return Stored(_transaction(connection, items.without(refused)), refused)


def _transaction(connection: Connection, items: _Items) -> dict[UUID, UUID]:
    if not len(items):
        return {}
    _check(connection)
    if _take_one_round_trip(connection, items):
        _insert(connection, items)
        return {}
    committing = False
    try:
        with connection.transaction():
            duplicates = events.writer.claim(connection, items.events)
            duplicates |= traffic.writer.claim(connection, items.requests)
            _insert(connection, items.without(duplicates))
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


def _take_one_round_trip(connection: Connection, items: _Items) -> bool:
    """Whether they are sent together with the commit; whoever claims ids waits for the answer."""
    return (
        max(len(items.events), len(items.requests)) <= bulk.FEW
        and connection.info.transaction_status == TransactionStatus.IDLE
        and items.unnamed
    )


def _insert(connection: Connection, items: _Items) -> None:
    work = _written(connection, items)
    if items.requests:
        work += traffic_rollups.additions(traffic_rollups.Tally(items.requests))
    if items.events:
        work += rollups.additions(rollups.Tally(map(counted, items.events)))
    statements.run(connection, work)


def _written(connection: Connection, items: _Items) -> list[Work]:
    """Insert many of a kind; of few, the statements that insert them."""
    work = events.writer.written(connection, items.events)
    if items.requests:
        work += traffic.writer.written(connection, items.requests)
    return work


def counted(event: StoredEvent) -> rollups.Counted:
    record = event.record
    return event.application_id, event.id, event.received_at, record.level, record.message


def heal(items: _Items) -> None:
    """Make the partitions that a write found missing."""
    days = {*events.writer.days_of(items.events), *traffic.writer.days_of(items.requests)}
    made = partitions.ensure(*sorted(days))
    logger.warning("Made partitions at the write: %s", ", ".join(made))


def poisoned(connection: Connection, items: _Items) -> dict[UUID, str]:
    """The items that can't be stored, each with the reason.

    Numbers are looked at here: searching ten thousand of them by halves would hold everyone up.
    """
    refused = {event.id: OUT_OF_RANGE for event in items.events if records.overflows(event.record)}
    left = items.without(refused)
    return (
        refused
        | _halved(connection, _Items(left.events, ()))
        | _halved(connection, _Items((), left.requests))
    )


def _halved(connection: Connection, items: _Items) -> dict[UUID, str]:
    try:
        with connection.transaction(force_rollback=True):
            statements.run(connection, _written(connection, items))
    except POISON as error:
        both: list[StoredItem] = [*items.events, *items.requests]
        if len(both) == 1:
            return {both[0].id: _reason(error)}
        half = len(both) // 2
        return _halved(connection, _Items.of(both[:half])) | _halved(
            connection, _Items.of(both[half:])
        )
    return {}


def _reason(error: Exception) -> str:
    if isinstance(error, psycopg.Error) and error.diag.message_primary:
        return f"PostgreSQL can't store it: {error.diag.message_primary}."
    return f"It can't be stored: {error}."
