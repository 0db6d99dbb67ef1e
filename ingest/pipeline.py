"""The one way in: HTTP, replay, demo data and tests all end in `accept`."""

import os
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec
import psycopg
from django.conf import settings
from django.db import OperationalError, connections

from events import writer
from events.records import StoredEvent, identities, identities_at, moment_of
from ingest.group_commit import CONNECT_SECONDS, DATABASE_AWAY, Busy, GroupCommit
from ingest.records import Batch, Outcome, Rejection, StoredItem
from ingest.storing import Stored
from loghandler.statements import Connection
from traffic import describing
from traffic.records import StoredRequest


class Committer(Protocol):
    def commit(self, application_id: int, items: Sequence[StoredItem]) -> Stored: ...


Moments = datetime | Sequence[datetime] | None

_committers: dict[int, GroupCommit] = {}  # by process: a fork takes no threads along
_starting = threading.Lock()


def accept(application_id: int, batch: Batch, *, received_at: Moments = None) -> Outcome:
    """Store a batch; returns after the commit. Raises group_commit.Busy where nothing was stored.

    `received_at` (default: now) is for events that are older than their sending, such as demo data:
    one moment for all, or a sequence with the moment of each. Requests tell theirs themselves.
    """
    events = _identified(application_id, batch, received_at)
    items: Sequence[StoredItem] = events
    requests: Sequence[StoredRequest] = ()
    if batch.requests:
        requests = _described(application_id, batch)
        items = [*events, *requests]
    stored = committer().commit(application_id, items) if items else Stored({}, {})
    if not stored.duplicates and not stored.refused:
        return Outcome(events, (), batch.rejected, requests)
    accepted = [event for event in events if _is_new(event, stored)]
    duplicates = [
        _first_sending(event, stored) for event in events if event.id in stored.duplicates
    ]
    return Outcome(
        accepted,
        duplicates,
        sorted([*batch.rejected, *_refused(batch, events, requests, stored)], key=_index),
        [request for request in requests if _is_new(request, stored)],
        [
            msgspec.structs.replace(request, id=stored.duplicates[request.id])
            for request in requests
            if request.id in stored.duplicates
        ],
    )


def _is_new(item: StoredItem, stored: Stored) -> bool:
    return item.id not in stored.duplicates and item.id not in stored.refused


def _refused(
    batch: Batch,
    events: Sequence[StoredEvent],
    requests: Sequence[StoredRequest],
    stored: Stored,
) -> Iterator[Rejection]:
    for event, position in zip(events, batch.positions, strict=True):
        if reason := stored.refused.get(event.id):
            yield Rejection(position, {"event": [reason]})
    for request, position in zip(requests, batch.request_positions, strict=True):
        if reason := stored.refused.get(request.id):
            yield Rejection(position, {"request": [reason]})


def _index(rejection: Rejection) -> int:
    return rejection.index


def _described(application_id: int, batch: Batch) -> list[StoredRequest]:
    try:
        return describing.described(application_id, batch.requests, datetime.now(UTC))
    except OperationalError as error:
        raise Busy(DATABASE_AWAY) from error


def _identified(application_id: int, batch: Batch, received_at: Moments) -> list[StoredEvent]:
    if received_at is None or isinstance(received_at, datetime):
        identified = identities_at(received_at or datetime.now(UTC), len(batch.events))
    else:
        identified = identities(received_at)
    return [
        StoredEvent(application_id, id_, moment, record)
        for (id_, moment), record in zip(identified, batch.events, strict=True)
    ]


def _first_sending(event: StoredEvent, stored: Stored) -> StoredEvent:
    id_ = stored.duplicates[event.id]
    return StoredEvent(event.application_id, id_, moment_of(id_), event.record)


def committer() -> Committer:
    """The group commit of this process, started at its first use."""
    found = _committers.get(os.getpid())
    if found is None:
        with _starting:
            found = _committers.get(os.getpid()) or _started()
            _committers[os.getpid()] = found
    return found


def _started() -> GroupCommit:
    return GroupCommit(
        connect, queue_events=settings.QUEUE_EVENTS, timeout=settings.WRITE_TIMEOUT_SECONDS
    )


def writer_alive() -> bool:
    """Whether this process can store events: its writer runs, or was not needed yet."""
    found = _committers.get(os.getpid())
    return found is None or found.alive()


def connect() -> Connection:
    """A connection of the writer's own, with Django's address and a time limit on statements."""
    parameters: dict[str, Any] = connections["default"].get_connection_params()
    parameters.pop("pool", None)
    connection = psycopg.connect(
        **parameters
        | {
            "autocommit": True,  # every transaction is explicit
            "cursor_factory": psycopg.Cursor,
            "context": None,
            "prepare_threshold": None,  # psycopg's own way: it forgets all at a rollback
            "connect_timeout": CONNECT_SECONDS,
            "tcp_user_timeout": settings.WRITE_TIMEOUT_SECONDS * 1000,
            "application_name": "loghandler writer",
            "options": f"-c statement_timeout={settings.WRITE_TIMEOUT_SECONDS}s -c jit=off",
        }
    )
    if connection.info.server_version >= 170_000:  # before, only each statement has a limit
        connection.execute(f"SET transaction_timeout = '{2 * settings.WRITE_TIMEOUT_SECONDS}s'")
    writer.prepare(connection)
    return connection
