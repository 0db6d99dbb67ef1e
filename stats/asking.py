"""Questions that are asked ahead: PostgreSQL works on the next ones while a page is made.

A reading is a generator: it gives the statements that it needs, is sent their rows, and returns
what they tell. Called, it is a function like any other. Asked `ahead` within `asking_ahead()` it
sends its statements, in libpq's pipeline mode, and its answer is read when it is needed. Whoever
uses the connection in between waits for all that was asked (docs/decisions/015-asked-ahead.md).
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet
from psycopg import generators, sql
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M", bound=Model)
Rows = list[tuple[Any, ...]]
Asking = Generator[Sequence[sql.Composed], Sequence[Rows], T]


class Answer(Generic[T]):
    """What a reading tells, to be called for: templates do so by themselves."""

    def __init__(self, reading: Asking[T]) -> None:
        self._reading = reading
        self._sent: Sequence[_Question] = ()
        self._value: list[T] = []
        self._advance(None)

    def __call__(self) -> T:
        while not self._value:
            self.ask_on()
        return self._value[0]

    def ask_on(self) -> None:
        """Wait for what was asked, and ask what follows from it."""
        if not self._value:
            self._advance([question.rows() for question in self._sent])

    def _advance(self, found: Sequence[Rows] | None) -> None:
        try:
            statements = next(self._reading) if found is None else self._reading.send(found)
        except StopIteration as end:
            self._value = [end.value]
        else:
            self._sent = [_ask(statement) for statement in statements]


class Asked(Generic[P, T]):
    """A reading that can be asked ahead; made by the decorator `asked`."""

    def __init__(self, reading: Callable[P, Asking[T]]) -> None:
        self._reading = reading
        update_wrapper(self, reading)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.ahead(*args, **kwargs)()

    def ahead(self, *args: P.args, **kwargs: P.kwargs) -> Answer[T]:
        """The answer; its statements are sent at once, within `asking_ahead()`."""
        return Answer(self._reading(*args, **kwargs))

    def steps(self, *args: P.args, **kwargs: P.kwargs) -> Asking[T]:
        """The reading itself, for others that are made of it."""
        return self._reading(*args, **kwargs)


asked = Asked


def rows(statement: sql.Composed) -> Rows:
    """What a statement answers."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found: Rows = cursor.fetchall()
    return found


@asked
def values(queryset: "QuerySet[Any, Any]") -> Asking[Rows]:
    """The columns of a query set's rows."""
    compiler = queryset.query.get_compiler(connection=connection)
    try:
        text, parameters = compiler.as_sql()
    except EmptyResultSet:
        return []
    connection.ensure_connection()
    complete = psycopg.ClientCursor(connection.connection).mogrify(text, parameters)
    [found] = yield [sql.Composed([sql.SQL(complete)])]
    converters = compiler.get_converters([column for column, _, _ in compiler.select])
    return list(map(tuple, compiler.apply_converters(found, converters))) if converters else found


@asked
def objects(queryset: "QuerySet[M, M]") -> Asking[list[M]]:
    """The objects of a query set that follows no relations."""
    found = yield from values.steps(queryset)
    names = [field.attname for field in queryset.model._meta.concrete_fields]
    return [queryset.model.from_db(connection.alias, names, row) for row in found]


# --- Ahead ------------------------------------------------------------------------------------


@contextmanager
def asking_ahead() -> Iterator[None]:
    """Readings that are asked ahead inside are sent at once; the connection is free at the end."""
    connection.ensure_connection()
    questions = _Questions(connection.connection)
    token = _questions.set(questions)
    try:
        with connection.execute_wrapper(questions.before_others):
            yield
    finally:
        _questions.reset(token)
        questions.settle()


def settle() -> None:
    """Wait for all that was asked ahead: for those who use the connection by themselves."""
    questions = _questions.get()
    if questions is not None:
        questions.settle()


def _ask(statement: sql.Composed) -> "_Question":
    questions = _questions.get()
    return _Question(statement) if questions is None else questions.ask(statement)


class _Question:
    """A statement that is executed when its rows are asked for."""

    def __init__(self, statement: sql.Composed) -> None:
        self._statement = statement

    def rows(self) -> Rows:
        return rows(self._statement)


class _Sent(_Question):
    """A statement that has been sent, and what came back."""

    def __init__(self, statement: sql.Composed, questions: "_Questions") -> None:
        super().__init__(statement)
        self._questions = questions
        self.result: PGresult | psycopg.Error | None = None

    def rows(self) -> Rows:
        """Raises django.db.Error, as the statement would have, executed by itself."""
        while self.result is None:
            self._questions.receive()
        return self._questions.rows_of(self.result)


class _Questions:
    """What was asked over one connection and is not answered yet, in this order."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection
        self._waiting: deque[_Sent] = deque()

    def ask(self, statement: sql.Composed) -> _Sent:
        pgconn = self._connection.pgconn
        content = statement.as_bytes(self._connection)
        with connection.wrap_database_errors:
            if not self._waiting:
                pgconn.enter_pipeline_mode()
            question = _Sent(statement, self)
            self._waiting.append(question)
            pgconn.send_query_params(content, None)
            pgconn.pipeline_sync()  # each by itself: what fails takes no other with it
            self._connection.wait(generators.send(pgconn))
        if connection.queries_logged:
            connection.queries_log.append({"sql": content.decode(), "time": "0.000"})
        return question

    def receive(self) -> None:
        """Wait for the first answer."""
        pgconn = self._connection.pgconn
        question = self._waiting.popleft()
        try:
            results = self._connection.wait(generators.fetch_many(pgconn))
            self._connection.wait(generators.fetch_many(pgconn))  # the end of it
        except psycopg.Error as error:
            question.result = error
        else:
            question.result = results[0] if results else psycopg.OperationalError(_BROKE)
        if not self._waiting and not self._connection.closed:
            pgconn.exit_pipeline_mode()

    def settle(self) -> None:
        while self._waiting:
            self.receive()

    def before_others(self, execute: Callable[..., Any], *args: Any) -> Any:
        """An execute_wrapper: the statements of others can't be mixed with those of a pipeline."""
        self.settle()
        return execute(*args)

    def rows_of(self, result: PGresult | psycopg.Error) -> Rows:
        with connection.wrap_database_errors:
            if isinstance(result, psycopg.Error):
                raise result
            if result.status != ExecStatus.TUPLES_OK:
                raise error_from_result(result)
            loading = Transformer(self._connection)
            loading.set_pgresult(result)
            return loading.load_rows(0, result.ntuples, tuple)


_BROKE = "The connection broke before all was answered."
_questions: ContextVar[_Questions | None] = ContextVar("questions", default=None)
