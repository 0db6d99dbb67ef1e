"""Stores events and refusals in the transaction of a test, with the functions of the threads."""

from collections.abc import Iterable, Sequence

from django.db import connection

from events import writer
from ingest import refusal_log
from ingest.records import StoredItem
from ingest.refusal_tally import Count
from ingest.storing import Stored, store


class CommitHere:
    def commit(self, application_id: int, items: Sequence[StoredItem]) -> Stored:
        connection.ensure_connection()
        writer.prepare(connection.connection)
        return store(connection.connection, items)


class NoteHere:
    def note(self, counts: Iterable[Count]) -> None:
        refusal_log.add(list(counts))
