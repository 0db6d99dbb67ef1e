"""Work that others do: jobs of procrastinate, deferred in the transaction that wants them."""

from contextlib import suppress
from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

DELETING = "Deleting what was asked for"

# In the worker the app's own connector is another one, which knows no transaction of Django's.
_jobs = JobManager(DjangoConnector())


def defer(name: str, *, seconds: int = 0, **arguments: Any) -> None:
    """Have a worker do it, after so many seconds; what waits already need not be said again."""
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    task = app.tasks[name]
    # What is to be done later does not stand for what is to be done now.
    once = f"{name}, in {seconds} s" if seconds else task.queueing_lock
    deferrer = configure_task(
        name=name,
        job_manager=_jobs,
        lock=task.lock,
        queueing_lock=once,
        schedule_in={"seconds": seconds} if seconds else None,
    )
    with suppress(AlreadyEnqueued), transaction.atomic():
        deferrer.defer(**arguments)
