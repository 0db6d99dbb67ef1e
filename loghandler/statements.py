"""Statements that a connection executes over and over, several in one round trip.

psycopg sends a statement and waits for its result before the next; in libpq's pipeline mode all are
sent first (docs/decisions/009-one-round-trip.md).
"""

from collections.abc import Sequence
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import generators
from psycopg.abc import PQGen
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGconn, PGresult

Connection = psycopg.Connection[Any]
Columns = Sequence[bytes]  # the arrays of a statement, as arrays.py makes them
Row = tuple[Any, ...]  # values in PostgreSQL's binary format, None where null

_numbers = count()
_prepared: WeakKeyDictionary[Connection, set[bytes]] = WeakKeyDictionary()


class Statement:
    """SQL that takes arrays ($1 …); each connection prepares it once."""

    def __init__(self, sql: str) -> None:
        self.sql = sql.encode()
        self.name = f"loghandler_{next(_numbers)}".encode()


Work = tuple[Statement, Columns]


def run(connection: Connection, work: Sequence[Work]) -> list[list[Row]]:
    """Execute the statements in their order, in one round trip; returns the rows of each.

    Outside a transaction they are one. Raises the psycopg.Error of the first that fails: then none
    has had an effect, or the transaction around has failed.
    """
    if not work:
        return []
    pgconn = connection.pgconn
    pgconn.enter_pipeline_mode()
    try:
        _prepare(connection, [statement for statement, _ in work])
        for statement, columns in work:
            formats = [Format.BINARY] * len(columns)
            pgconn.send_query_prepared(statement.name, columns, formats, Format.BINARY)
        results = connection.wait(_results(pgconn, len(work)))
        _raise_first(results)
        return [_rows(result) for result in results]
    finally:
        if not connection.closed:
            pgconn.exit_pipeline_mode()


def _prepare(connection: Connection, statements: Sequence[Statement]) -> None:
    prepared = _prepared.setdefault(connection, set())
    new = {each.name: each.sql for each in statements if each.name not in prepared}
    if not new:
        return
    for name, sql in new.items():
        connection.pgconn.send_prepare(name, sql)
    results = connection.wait(_results(connection.pgconn, len(new)))
    prepared |= {
        name
        for name, result in zip(new, results, strict=True)
        if result.status == ExecStatus.COMMAND_OK
    }
    _raise_first(results)


def _results(pgconn: PGconn, commands: int) -> PQGen[list[PGresult]]:
    """Send what is queued; returns the result of each command, failed or not.

    Raises OperationalError where the connection breaks and nothing failed before.
    """
    pgconn.pipeline_sync()
    yield from generators.send(pgconn)
    results: list[PGresult] = []
    try:
        for _ in range(commands):
            results += yield from generators.fetch_many(pgconn)
        yield from generators.fetch_many(pgconn)  # the end: from here on it is committed
    except psycopg.OperationalError:
        _raise_first(results)
        raise
    if len(results) < commands:  # libpq may end without a word where the server was killed
        _raise_first(results)
        raise psycopg.OperationalError("The connection broke before all was answered.")
    return results


def _raise_first(results: Sequence[PGresult]) -> None:
    """Of the commands after one that failed, libpq only tells that they were left out."""
    for result in results:
        if result.status == ExecStatus.FATAL_ERROR:
            raise error_from_result(result)


def _rows(result: PGresult) -> list[Row]:
    columns = range(result.nfields)
    return [
        tuple(result.get_value(row, column) for column in columns) for row in range(result.ntuples)
    ]
