"""What is asked ahead is answered as it would be by itself, whatever comes in between."""

import threading
from typing import Any

import pytest
from django.db import DataError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from psycopg import sql
from psycopg.pq import PipelineStatus

from applications.factories import create_application
from applications.models import Application
from stats.asking import Answer, Asking, asked, asking_ahead, rows, settle
from stats.traffic import block_reading

pytestmark = pytest.mark.django_db


def statement(text: str, **parts: Any) -> sql.Composed:
    return sql.SQL(text).format(**{name: sql.Literal(value) for name, value in parts.items()})


@asked
def doubled(number: int) -> Asking[int]:
    """Twice the number."""
    [[(found,)]] = yield [statement("SELECT {number} * 2", number=number)]
    return int(found)


@asked
def followed(number: int) -> Asking[tuple[int, int]]:
    first = yield from doubled.steps(number)
    [[(second,)], [(third,)]] = yield [
        statement("SELECT {number} + 1", number=first),
        statement("SELECT {number} + 2", number=first),
    ]
    return second, third


@asked
def known() -> Asking[str]:
    yield from ()
    return "nothing to ask"


@asked
def divided(number: int) -> Asking[int]:
    [[(found,)]] = yield [statement("SELECT 1 / {number}", number=number)]
    return int(found)


@asked
def slept(seconds: int) -> Asking[None]:
    yield [statement("SELECT pg_sleep({seconds})", seconds=seconds)]


@asked
def applications() -> Asking[int]:
    [[(found,)]] = yield [statement("SELECT count(*) FROM applications_application")]
    return int(found)


def pipelined() -> bool:
    return bool(connection.connection.pgconn.pipeline_status != PipelineStatus.OFF)


def test_called_it_is_a_function_like_any_other() -> None:
    assert doubled(4) == 8
    assert doubled.__doc__ == "Twice the number."
    assert followed(4) == (9, 10)
    assert known() == "nothing to ask"
    assert doubled.ahead(4)() == 8  # where nothing is asked ahead


def test_answers_are_read_in_any_order_and_as_often_as_one_likes() -> None:
    with asking_ahead():
        answers: list[Answer[Any]] = [
            doubled.ahead(1),
            known.ahead(),
            followed.ahead(2),
            doubled.ahead(3),
        ]
        assert pipelined()
        assert answers[3]() == 6
        assert answers[2]() == (5, 6)
        assert [answer() for answer in answers] == [2, "nothing to ask", (5, 6), 6]
        assert not pipelined()
        assert doubled(5) == 10


def test_what_follows_from_an_answer_is_asked_while_others_are_under_way() -> None:
    with asking_ahead():
        first, later = followed.ahead(2), doubled.ahead(9)
        first.ask_on()
        assert later() == 18
        assert pipelined()
        assert first() == (5, 6)
        first.ask_on()
        assert first() == (5, 6)


def test_statements_of_others_wait_for_what_was_asked() -> None:
    create_application()
    with asking_ahead():
        answer = doubled.ahead(2)
        assert Application.objects.count() == 1
        assert not pipelined()
        assert rows(statement("SELECT 7")) == [(7,)]
        assert doubled.ahead(3)() == 6
        assert answer() == 4


def test_so_does_who_uses_the_connection_by_itself() -> None:
    with asking_ahead():
        answer = doubled.ahead(2)
        assert block_reading._binary(statement("SELECT 7")) == [(7,)]
        assert answer() == 4
    settle()  # nothing to wait for


def test_it_sees_what_the_transaction_has_written() -> None:
    before = applications()
    with transaction.atomic(), asking_ahead():
        create_application()
        assert applications.ahead()() == before + 1


@pytest.mark.django_db(transaction=True)
def test_what_fails_fails_when_it_is_read_and_alone() -> None:
    with asking_ahead():
        before, failing, after = doubled.ahead(1), divided.ahead(0), doubled.ahead(2)
        assert (before(), after()) == (2, 4)
        for _ in range(2):
            with pytest.raises(DataError, match="division by zero"):
                failing()
        assert divided.ahead(1)() == 1


@pytest.mark.django_db(transaction=True)
def test_the_connection_is_free_whatever_happened() -> None:
    def fail() -> None:
        with asking_ahead():
            doubled.ahead(1)
            divided.ahead(0)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert not pipelined()
    assert doubled(2) == 4


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_breaks_is_told_to_each() -> None:
    with asking_ahead():
        answers: list[Answer[Any]] = [slept.ahead(60), doubled.ahead(1)]
        killing = threading.Thread(target=_kill, args=[connection.connection.info.backend_pid])
        killing.start()
        killing.join()
        for answer in [*answers, *answers]:
            with pytest.raises(OperationalError):
                answer()
    connection.close()
    assert doubled(2) == 4


def _kill(pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    connection.close()


def test_they_are_among_the_queries_that_are_logged() -> None:
    with asking_ahead(), CaptureQueriesContext(connection) as queries:
        doubled.ahead(21)()
    assert [one["sql"] for one in queries.captured_queries] == ["SELECT 21 * 2"]
