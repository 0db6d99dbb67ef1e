"""The one writer of a process: its bounds, its patience, its connection."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client

from applications.factories import create_application, create_key
from events.models import Event
from events.records import EventRecord, Json
from ingest import pipeline
from ingest.factories import create_batch, create_record
from ingest.group_commit import Busy, GroupCommit, TooManyWaiting
from ingest.tests.agreement import differences
from ingest.tests.serving import environment_of_tests
from loghandler import partitions
from loghandler.tests.running import ROOT, eventually

pytestmark = pytest.mark.django_db(transaction=True)
Start = Callable[..., GroupCommit]


@pytest.fixture
def start(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start a writer, which `pipeline.accept` uses from then on."""
    started: list[GroupCommit] = []

    def start(*, queue_events: int = 1_000, timeout: int = 20) -> GroupCommit:
        settings.WRITE_TIMEOUT_SECONDS = timeout
        writer = GroupCommit(pipeline.connect, queue_events=queue_events, timeout=timeout)
        monkeypatch.setattr(pipeline, "committer", lambda: writer)
        started.append(writer)
        return writer

    yield start
    for writer in started:
        writer.close()


@contextmanager
def locked(table: str) -> Iterator[None]:
    """Nobody else reads or writes the table in the meantime."""
    other = connection.get_new_connection(connection.get_connection_params())
    with other, other.transaction():  # not a writer's, whose transactions time out
        other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield


@contextmanager
def senders(count: int) -> Iterator[Callable[..., Future[Any]]]:
    with ThreadPoolExecutor(count) as threads:
        yield lambda application, *records: threads.submit(
            pipeline.accept, application.pk, create_batch(*records)
        )


def is_writing(writer: GroupCommit) -> bool:
    return bool(writer._writing) and not writer._waiting


def transactions() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT xmin::text) FROM events_event")
        count: int = cursor.fetchone()[0]
    return count


def agree() -> bool:
    with connection.cursor() as cursor:
        return not differences(cursor)


def test_whatever_waits_is_committed_together(start: Start) -> None:
    writer, applications = start(), [create_application() for _ in range(3)]
    with senders(20) as send:
        with locked("stats_hourcount"):
            sent = [send(applications[0], create_record("First"))]
            assert eventually(lambda: is_writing(writer))
            sent += [send(applications[n % 3], create_record(str(n))) for n in range(19)]
            assert eventually(lambda: len(writer._waiting) == 19)
        outcomes = [one.result(10) for one in sent]
    assert [len(outcome.accepted) for outcome in outcomes] == [1] * 20
    assert Event.objects.count() == 20
    assert transactions() == 2
    assert agree()


def test_the_queue_is_bounded_for_all_and_for_one(start: Start) -> None:
    writer = start(queue_events=10)
    one, other, third = (create_application() for _ in range(3))
    with senders(4) as send:
        with locked("stats_hourcount"):
            sent = [send(one, create_record())]
            assert eventually(lambda: is_writing(writer))
            sent.append(send(one, *[create_record() for _ in range(4)]))
            assert eventually(lambda: writer._total == 4)
            with pytest.raises(TooManyWaiting):
                pipeline.accept(one.pk, create_batch(create_record(), create_record()))
            sent.append(send(other, *[create_record() for _ in range(5)]))
            assert eventually(lambda: writer._total == 9)
            with pytest.raises(Busy) as refused:
                pipeline.accept(third.pk, create_batch(create_record(), create_record()))
            assert not isinstance(refused.value, TooManyWaiting)
        assert [len(future.result(10).accepted) for future in sent] == [1, 4, 5]
    assert (writer._total, dict(writer._waiting_items)) == (0, {})
    assert len(pipeline.accept(third.pk, create_batch(create_record())).accepted) == 1


@pytest.mark.parametrize(("own", "status"), [(True, 429), (False, 503)])
def test_a_full_queue_is_answered_with_when_to_come_again(
    start: Start, own: bool, status: int
) -> None:
    writer, application, other = start(queue_events=2), create_application(), create_application()
    key = create_key(application)
    with senders(2) as send:
        with locked("stats_hourcount"):
            sent = [send(other, create_record())]
            assert eventually(lambda: is_writing(writer))
            waiting = [create_record() for _ in range(1 if own else 2)]
            sent.append(send(application if own else other, *waiting))
            assert eventually(lambda: writer._total == len(waiting))
            answer = Client().post(
                f"/apps/{application.pk}/events",
                {"message": "Too much"},
                "application/json",
                headers={"x-ingest-key": key},
            )
        for future in sent:
            future.result(10)
    assert (answer.status_code, answer["Retry-After"]) == (status, "1")
    assert answer.json()["errors"]["detail"]
    assert not Event.objects.filter(message="Too much").exists()


def test_a_database_that_does_not_answer_in_time_stores_nothing(start: Start) -> None:
    writer, application = start(timeout=1), create_application()
    with senders(2) as send:
        with locked("stats_hourcount"):
            started = time.monotonic()
            sent = [send(application, create_record("Being written"))]
            assert eventually(lambda: is_writing(writer))
            sent.append(send(application, create_record("Waiting")))
            for future in sent:
                with pytest.raises(Busy):
                    future.result(10)
            assert time.monotonic() - started < 5
        # What was withdrawn or broken off is not stored later, either.
        assert eventually(lambda: not writer._writing and not writer._waiting)
    assert (Event.objects.count(), agree()) == (0, True)
    assert writer.alive()
    assert len(pipeline.accept(application.pk, create_batch(create_record())).accepted) == 1
    assert (Event.objects.count(), agree()) == (1, True)


def test_the_writer_outlives_what_was_withdrawn_while_it_gathered(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, application = start(timeout=1), create_application()
    gather, wait = writer._gather, writer._condition.wait
    gave_up, waits_again = threading.Event(), threading.Event()

    def until_the_sender_gave_up() -> None:
        monkeypatch.setattr(writer, "_gather", gather)
        gave_up.wait(10)

    def noted_wait() -> bool:
        waits_again.set()
        return wait()

    monkeypatch.setattr(writer, "_gather", until_the_sender_gave_up)
    monkeypatch.setattr(writer._condition, "wait", noted_wait)
    with pytest.raises(Busy, match="in time"):
        pipeline.accept(application.pk, create_batch(create_record()))
    waits_again.clear()
    gave_up.set()
    assert waits_again.wait(10)
    pipeline.accept(application.pk, create_batch(create_record()))
    assert Event.objects.count() == 1


def test_a_connection_that_was_lost_while_idle_is_not_noticed(start: Start) -> None:
    start()
    application = create_application()
    for n in range(3):
        outcome = pipeline.accept(application.pk, create_batch(create_record(str(n))))
        assert len(outcome.accepted) == 1
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE application_name = 'loghandler writer' AND datname = current_database()"
            )
            assert cursor.fetchall() == [(True,)]
    assert Event.objects.count() == 3


def test_a_writer_that_cannot_connect_refuses_and_recovers(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> psycopg.Connection[Any]:
        raise psycopg.OperationalError("connection refused")

    writer, application = start(), create_application()
    monkeypatch.setattr(writer, "_connect", refuse)
    with pytest.raises(Busy):
        pipeline.accept(application.pk, create_batch(create_record()))
    monkeypatch.setattr(writer, "_connect", pipeline.connect)
    assert len(pipeline.accept(application.pk, create_batch(create_record())).accepted) == 1
    assert Event.objects.count() == 1


def test_a_poisoned_record_is_found_among_neighbours_of_other_requests(start: Start) -> None:
    writer, application = start(), create_application()
    poison = create_record("Poison", user=Json(b"1e999999"))
    with senders(6) as send:
        with locked("stats_hourcount"):
            first = send(application, create_record("First"))
            assert eventually(lambda: is_writing(writer))
            others = [send(application, create_record(str(n))) for n in range(4)]
            poisoned = send(application, create_record("Beside"), poison)
            assert eventually(lambda: len(writer._waiting) == 5)
        assert all(len(one.result(10).accepted) == 1 for one in [first, *others])
        assert [rejection.index for rejection in poisoned.result(10).rejected] == [1]
    assert (Event.objects.count(), agree()) == (6, True)


@pytest.mark.parametrize("order", ["poison first", "poison last"])
def test_a_missing_partition_and_a_poisoned_record_may_meet(start: Start, order: str) -> None:
    start()
    application = create_application()
    received = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
    partitions.drop(partitions.name(table, received.date()) for table in partitions.existing())
    records: list[EventRecord] = [create_record(), create_record("Poison", user=Json(b"1e999999"))]
    if order == "poison first":
        records.reverse()
    outcome = pipeline.accept(application.pk, create_batch(*records), received_at=received)
    assert (len(outcome.accepted), len(outcome.rejected)) == (1, 1)
    assert (Event.objects.count(), agree()) == (1, True)


FORKING = """
import os, sys
import django
django.setup()
from ingest import pipeline
from ingest.factories import create_batch, create_record

def send(message):
    outcome = pipeline.accept(int(sys.argv[1]), create_batch(create_record(message)))
    assert len(outcome.accepted) == 1

send("parent")
mine = pipeline.committer()
child = os.fork()
if not child:
    send("child")
    os._exit(0 if pipeline.committer() is not mine else 3)
send("parent again")
assert pipeline.committer() is mine
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_fork_gets_a_writer_of_its_own() -> None:
    application = create_application()
    forked = subprocess.run(
        [sys.executable, "-c", FORKING, str(application.pk)],
        cwd=ROOT,
        env=environment_of_tests(),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (forked.returncode, forked.stderr) == (0, "")
    assert sorted(Event.objects.values_list("message", flat=True)) == [
        "child", "parent", "parent again",
    ]  # fmt: skip


def test_a_writer_that_is_closed_writes_what_waits_and_takes_nothing_more(start: Start) -> None:
    application = create_application()
    writer = start()
    with senders(3) as run:
        with locked("stats_hourcount"):
            written = run(application, create_record("written"))
            assert eventually(lambda: is_writing(writer))
            waiting = run(application, create_record("waiting"))
            assert eventually(lambda: bool(writer._waiting))
            closing = threading.Thread(target=writer.close)
            closing.start()
            assert eventually(lambda: writer._closing)
            with pytest.raises(Busy, match="is stopping"):
                pipeline.accept(application.pk, create_batch(create_record()))
        outcomes = [written.result(), waiting.result()]
        closing.join()
    assert [len(outcome.accepted) for outcome in outcomes] == [1, 1]
    assert Event.objects.count() == 2
    assert not writer.alive()
