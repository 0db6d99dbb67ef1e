"""The one way in: HTTP, replay, demo data and tests all end in `accept`."""

import os
import threading
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import chain, groupby, repeat
from typing import Any, Protocol
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import connections

from events import writer
from events.records import EPOCH, StoredEvent, milliseconds_now, moment_of, uuid7s
from ingest.group_commit import CONNECT_SECONDS, GroupCommit
from ingest.records import Batch, Outcome, Rejection
from ingest.storing import Stored
from loghandler.statements import Connection


class Committer(Protocol):
    def commit(self, application_id: int, events: list[StoredEvent]) -> Stored: ...


Moments = datetime | Sequence[datetime] | None
MILLISECOND = timedelta(milliseconds=1)

_committers: dict[int, GroupCommit] = {}  # by process: a fork takes no threads along
_starting = threading.Lock()


def accept(application_id: int, batch: Batch, *, received_at: Moments = None) -> Outcome:
    """Store a batch; returns after the commit. Raises group_commit.Busy where nothing was stored.

    `received_at` (default: now) is for data that is older than its sending, such as demo data: one
    moment for all, or a sequence with the moment of each.
    """
    events = _identified(application_id, batch, received_at)
    stored = committer().commit(application_id, events) if events else Stored({}, {})
    if not stored.duplicates and not stored.refused:
        return Outcome(events, (), batch.rejected)
    rejected = [
        Rejection(position, {"event": [stored.refused[event.id]]})
        for event, position in zip(events, batch.positions, strict=True)
        if event.id in stored.refused
    ]
    return Outcome(
        accepted=[
            event
            for event in events
            if event.id not in stored.duplicates and event.id not in stored.refused
        ],
        duplicates=[
            _first_sending(event, stored) for event in events if event.id in stored.duplicates
        ],
        rejected=sorted([*batch.rejected, *rejected], key=lambda rejection: rejection.index),
    )


def _identified(application_id: int, batch: Batch, received_at: Moments) -> list[StoredEvent]:
    return [
        StoredEvent(application_id, id_, moment, record)
        for (id_, moment), record in zip(
            _identities(received_at, len(batch.events)), batch.events, strict=True
        )
    ]


def _identities(received_at: Moments, count: int) -> Iterable[tuple[UUID, datetime]]:
    """Ids and their moments; events of one millisecond in a row get ids that keep their order."""
    if received_at is None:
        return _run(milliseconds_now(), count)
    if isinstance(received_at, datetime):
        return _run((received_at - EPOCH) // MILLISECOND, count)
    runs = groupby((at - EPOCH) // MILLISECOND for at in received_at)
    return chain.from_iterable(_run(at, len(list(run))) for at, run in runs)


def _run(milliseconds: int, count: int) -> Iterable[tuple[UUID, datetime]]:
    moment = EPOCH + milliseconds * MILLISECOND
    return zip(uuid7s(milliseconds, count), repeat(moment))


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
