"""What the workers do, as staff see it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applications.factories import create_user
from dashboard.tests.reading_pages import Elements
from loghandler import queue
from loghandler.models import JobFailure
from monitors.factories import create_monitor

pytestmark = pytest.mark.django_db

WORKER = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s) RETURNING id"
RUN = """
    WITH run AS (
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, status, args)
        VALUES ('default', %s, 0, %s, '{}') RETURNING id
    )
    INSERT INTO procrastinate_events (job_id, type, at)
    SELECT id, type::procrastinate_job_event_type, at
    FROM run, (VALUES ('started', %s), (%s, %s)) AS event (type, at)
"""


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(create_user(is_staff=True))
    return client


def page(client: Client) -> Elements:
    elements = Elements()
    elements.feed(client.get("/background/").content.decode())
    return elements


def execute(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)  # type: ignore[arg-type]


def figures(client: Client) -> list[str]:
    return page(client).texts("span", "tile-figure")


def test_without_a_worker_it_says_what_is_not_done(staff: Client) -> None:
    assert "No worker is there" in page(staff).texts("p", "notice")[0]
    execute(WORKER, timezone.now() - timedelta(seconds=31))
    assert figures(staff)[0] == "0"
    execute(WORKER, timezone.now())
    assert figures(staff)[0] == "1"
    assert page(staff).texts("p", "notice") == []


def test_a_check_that_is_late_is_said(staff: Client) -> None:
    execute(WORKER, timezone.now())
    create_monitor(due_at=timezone.now() - timedelta(seconds=5))
    create_monitor(due_at=timezone.now() - timedelta(minutes=5), paused=True)
    assert page(staff).texts("p", "notice") == []
    create_monitor(due_at=timezone.now() - timedelta(minutes=2))
    assert "A check has been due since" in page(staff).texts("p", "notice")[0]
    assert figures(staff)[1] == "2"


def test_what_waits_and_what_was_done_are_counted(staff: Client) -> None:
    began = timezone.now() - timedelta(minutes=1)
    for state, seconds in (("succeeded", 2), ("failed", 4)):
        execute(RUN, "Counting", state, began, state, began + timedelta(seconds=seconds))
        began += timedelta(seconds=5)
    queue.defer(queue.DELETING)
    queue.defer(queue.DELETING, at=timezone.now() + timedelta(seconds=60))
    found = page(staff)
    assert found.texts("span", "tile-figure")[2:] == ["1", "0"]
    assert "the oldest since" in found.texts("span", "trend")[2]
    assert found.texts("td", "number") == ["4 s", "4 s", "1", "1"]
    assert found.texts("th")[-1] == "Counting"


def test_failures_tell_why(staff: Client) -> None:
    JobFailure.objects.create(
        job_id=1, task="Counting", at=timezone.now(), words="ValueError: <no luck>"
    )
    assert page(staff).texts("code")[1:] == ["ValueError: <no luck>"]


@pytest.mark.parametrize("superuser", [False, True])
def test_it_is_for_staff(superuser: bool) -> None:
    client = Client()
    User.objects.create_user("eve", is_staff=superuser)
    client.force_login(User.objects.get(username="eve"))
    assert client.get("/background/").status_code == (200 if superuser else 403)


def test_it_takes_few_statements(staff: Client) -> None:
    page(staff)
    with CaptureQueriesContext(connection) as queries:
        page(staff)
    assert len(queries) == 8
