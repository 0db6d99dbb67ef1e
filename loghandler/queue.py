"""Work that others do: jobs of procrastinate, deferred in the transaction that wants them."""

from contextlib import suppress
from datetime import UTC, datetime
from threading import Event
from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

# Set where the worker is to end: what takes long looks at it.
ending = Event()

DELETING = "Deleting what was asked for"
SENDING = "Sending messages of a channel"
EVALUATING = "Evaluating rules"

# Priorities count down from here, a second each: PostgreSQL's integers last until 2094.
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)

# In the worker the app's own connector is another one, which knows no transaction of Django's.
_jobs = JobManager(DjangoConnector())


def load_jobs() -> None:
    """Import the modules that say what jobs do, once."""
    app.perform_import_paths()  # type: ignore[no-untyped-call]


def defer(name: str, *, at: datetime | None = None, lock: str = "", **arguments: Any) -> None:
    """Have a worker do it, from a moment on; what waits already need not be said again.

    `lock`: of what is done one after another, where it is not the task's own.
    """
    load_jobs()
    task = app.tasks[name]
    # What is to be done later does not stand for what is to be done now.
    once = lock or task.queueing_lock or name
    once = f"{once}, at {at:%Y-%m-%d %H:%M:%S}" if at else once
    deferrer = configure_task(
        name=name,
        job_manager=_jobs,
        lock=lock or task.lock,
        queueing_lock=once,
        schedule_at=at,
        # Of one lock procrastinate begins with the first of the highest priority, due or not:
        # what is for later would hold up what is for now.
        priority=min(0, -int((at - _BEGIN).total_seconds())) if at else 0,
    )
    with suppress(AlreadyEnqueued), transaction.atomic():
        deferrer.defer(**arguments)
