"""Statements sent together happen together or not at all, and leave the connection usable."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection

from loghandler import arrays
from loghandler.statements import Connection, Statement, run

pytestmark = pytest.mark.django_db(transaction=True)

MAKE = "CREATE TABLE statements_test (n bigint PRIMARY KEY)"
INSERT = Statement("INSERT INTO statements_test SELECT * FROM unnest($1::bigint[])")
DOUBLE = Statement("UPDATE statements_test SET n = n * 2 WHERE n = ANY ($1::bigint[]) RETURNING n")
NONSENSE = Statement("INSERT INTO nowhere SELECT * FROM unnest($1::bigint[])")


@pytest.fixture
def database() -> Iterator[Connection]:
    parameters: dict[str, Any] = connection.get_connection_params()
    parameters |= {"autocommit": True, "cursor_factory": psycopg.Cursor, "context": None}
    with psycopg.connect(**parameters) as opened:
        opened.execute(MAKE)
        yield opened
        if not opened.closed:
            opened.rollback()
            opened.execute("DROP TABLE statements_test")
    with psycopg.connect(**parameters) as again:
        again.execute("DROP TABLE IF EXISTS statements_test")


def numbers(database: Connection) -> list[int]:
    return [n for (n,) in database.execute("SELECT n FROM statements_test ORDER BY n")]


def bigints(*items: int) -> list[bytes]:
    return [arrays.bigints(items)]


def test_they_are_executed_in_order_and_give_their_rows(database: Connection) -> None:
    work = [(INSERT, bigints(1, 2)), (DOUBLE, bigints(2)), (INSERT, bigints(8))]
    inserted, doubled, more = run(database, work)
    assert (inserted, more) == ([], [])
    assert [int.from_bytes(n) for (n,) in doubled] == [4]
    assert numbers(database) == [1, 4, 8]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_where_one_fails_none_has_an_effect(database: Connection, place: int) -> None:
    run(database, [(INSERT, bigints(1))])
    work = [(INSERT, bigints(2)), (INSERT, bigints(3))]
    work.insert(place, (INSERT, bigints(1)))  # it is there
    with pytest.raises(psycopg.errors.UniqueViolation):
        run(database, work)
    assert numbers(database) == [1]
    run(database, [(INSERT, bigints(2))])
    assert numbers(database) == [1, 2]


def test_in_a_transaction_they_end_with_it(database: Connection) -> None:
    with database.transaction(force_rollback=True):
        run(database, [(INSERT, bigints(1))])
        with pytest.raises(psycopg.errors.UniqueViolation), database.transaction():
            run(database, [(INSERT, bigints(1))])
        run(database, [(INSERT, bigints(2))])
        assert numbers(database) == [1, 2]
    assert numbers(database) == []


def test_a_statement_that_can_not_be_prepared_harms_no_other(database: Connection) -> None:
    for _ in range(2):
        with pytest.raises(psycopg.errors.UndefinedTable):
            run(database, [(INSERT, bigints(1)), (NONSENSE, bigints(1)), (DOUBLE, bigints(1))])
        assert numbers(database) == []
    run(database, [(INSERT, bigints(1)), (DOUBLE, bigints(1))])
    assert numbers(database) == [2]


def test_a_lost_connection_is_an_operational_error(database: Connection) -> None:
    run(database, [(INSERT, bigints(1))])
    with connection.cursor() as cursor:
        pid = database.info.backend_pid
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    with pytest.raises(psycopg.OperationalError):
        run(database, [(INSERT, bigints(2))])
    assert database.closed


def test_much_is_sent_and_read_at_once(database: Connection) -> None:
    """More than sockets hold: who only sends would wait for one who only answers."""
    echo = Statement("SELECT * FROM unnest($1::bigint[])")
    many = range(200_000)
    results = run(database, [(INSERT, bigints(*many)), *[(echo, bigints(*many))] * 4])
    assert [len(rows) for rows in results] == [0, *[len(many)] * 4]
    assert len(numbers(database)) == len(many)


def test_nothing_is_nothing(database: Connection) -> None:
    assert run(database, []) == []
