"""Upkeep as jobs: each is done, once among workers, and again where its worker was killed."""

import asyncio
import re
from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.transaction import atomic, set_rollback
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector

from loghandler import background, queue
from loghandler.background import UPKEEP, Upkeep


@pytest.fixture(autouse=True)
def _no_jobs(request: pytest.FixtureRequest) -> None:
    """Django's tests don't empty tables that it does not manage."""
    if marker := request.node.get_closest_marker("django_db"):
        request.getfixturevalue("transactional_db" if marker.kwargs else "db")
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_periodic_defers CASCADE")


def work_off() -> None:
    """Do the jobs that wait, as the worker does them."""

    async def work() -> None:
        with app.replace_connector(PsycopgConnector(kwargs=connector_params(), min_size=1)):
            async with app.open_async():
                await app.run_worker_async(wait=False, listen_notify=False, concurrency=2)

    asyncio.run(work())
    while ProcrastinateJob.objects.filter(status="todo").exists():
        asyncio.run(work())  # it leaves what waited for a lock


def states() -> Counter[tuple[str, str]]:
    return Counter(ProcrastinateJob.objects.values_list("task_name", "status"))


@pytest.mark.django_db(transaction=True)
def test_every_upkeep_is_done_when_a_worker_begins() -> None:
    background.begin()
    background.begin()
    work_off()
    assert {name for name, state in states() if state == "succeeded"} >= {
        each.name for each in UPKEEP
    }
    assert {state for _, state in states()} == {"succeeded"}


def test_upkeep_goes_on_while_there_is_more(monkeypatch: pytest.MonkeyPatch) -> None:
    more = iter([True, True, False])
    Upkeep("Counting", "* * * * *", lambda: next(more)).run()
    assert list(more) == []


def test_upkeep_ends_with_its_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[bool] = []

    def work() -> bool:
        done.append(True)
        queue.ending.set()
        return True

    try:
        Upkeep("Counting", "* * * * *", work).run()
    finally:
        queue.ending.clear()
    assert done == [True]


@pytest.mark.django_db(transaction=True)
def test_a_job_is_wanted_with_its_transaction_or_not_at_all() -> None:
    with atomic():
        queue.defer(queue.DELETING)
        set_rollback(True)
    assert not states()


@pytest.mark.django_db
def test_a_job_that_waits_already_does_not_harm_the_transaction() -> None:
    queue.defer(queue.DELETING)
    queue.defer(queue.DELETING)
    queue.defer(queue.DELETING, at=timezone.now() + timedelta(seconds=6))
    assert states() == {(queue.DELETING, "todo"): 2}


def begun() -> list[str]:
    """Begin and finish what may begin now; tells of which channels it was, in order."""
    found: list[str] = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT worker_id FROM procrastinate_register_worker_v1()")
        (worker_id,) = cursor.fetchone()
        while True:
            cursor.execute(
                "SELECT id, args->>'channel_id' FROM procrastinate_fetch_job_v2(NULL, %s)",
                [worker_id],
            )
            job_id, channel_id = cursor.fetchone()
            if job_id is None:
                return found
            found.append(channel_id)
            cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'succeeded', false)", [job_id])


@pytest.mark.django_db
def test_what_is_for_later_holds_up_nothing_that_is_for_sooner() -> None:
    now = timezone.now()
    for name, minutes in [("C", 180), ("B", 1), ("now", 0), ("A", -1)]:
        at = now + timedelta(minutes=minutes) if minutes else None
        queue.defer(queue.SENDING, at=at, lock="a channel", channel_id=name)
    assert begun() == ["now", "A"]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - interval '2 minutes'"
        )
    assert begun() == ["B"]


def kill_its_worker(name: str) -> None:
    """Leave a job as a killed worker does: under way, with nobody who tells of it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL "
            "WHERE task_name = %s AND status = 'todo'",
            [name],
        )


def take_up() -> None:
    app.tasks["Taking up what ended with its worker"].defer(timestamp=0)
    work_off()


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_worker_was_at_is_done_again() -> None:
    queue.defer(queue.DELETING)
    kill_its_worker(queue.DELETING)
    take_up()
    assert states()[queue.DELETING, "succeeded"]
    assert not states()[queue.DELETING, "doing"]


@pytest.mark.django_db(transaction=True)
def test_what_waits_again_already_is_done_once() -> None:
    queue.defer(queue.DELETING)
    kill_its_worker(queue.DELETING)
    queue.defer(queue.DELETING)
    take_up()
    work_off()
    assert states()[queue.DELETING, "aborted"] == 1
    assert not states()[queue.DELETING, "doing"]


@pytest.mark.django_db
def test_preparing_twice_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("prepare")
    first = capsys.readouterr().out
    assert re.search(
        r"once: user admin, password \S{12,}; .*, ingest key [0-9a-f]{32}$", first, re.M
    )
    call_command("prepare")
    assert capsys.readouterr().out == "The database is ready.\n"
