"""Stores events in the transaction of a test, with the very functions of the group commit."""

from collections.abc import Sequence

from django.db import connection

from events import writer
from events.records import StoredEvent
from ingest.storing import Stored, store


class CommitHere:
    def commit(self, application_id: int, events: Sequence[StoredEvent]) -> Stored:
        connection.ensure_connection()
        writer.prepare(connection.connection)
        return store(connection.connection, events)
