"""What goes on beside the web server: checks of monitors, and jobs (background.py).

One process, one loop of asyncio; what asks Django's ORM runs in threads. Several workers may share
a database, also on several machines: each check and each job is claimed by one of them.
"""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.worker import Worker

from loghandler import background, queue
from loghandler.models import JobFailure
from loghandler.outbound.addresses import Guard
from loghandler.outbound.connections import Connector, Resolver
from loghandler.texts import storable
from monitors.checking import Checking

logger = logging.getLogger(__name__)
AT_ONCE = 4  # jobs; upkeep takes one or two of them
LOOK = 1.0  # seconds from one look for new jobs to the next: LISTEN would hold a connection
PATIENCE = 10.0  # seconds for jobs under way, where the worker is to end
MOST_CHARACTERS = 1_000  # of a failure's words
PAUSE = 5.0  # seconds, where the database does not answer
PAUSES = (0.2, 1.0, 5.0)  # seconds, where it does not take that a job is done


class Jobs(JobManager):
    """Says again that a job is done where the database went away just then.

    It would hold its lock otherwise for as long as its worker lives, which nobody takes for dead.
    """

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        for pause in PAUSES:
            try:
                await super().finish_job(job, status, delete_job)
            except ConnectorException:
                await asyncio.sleep(pause)
            else:
                return
        await super().finish_job(job, status, delete_job)


async def work() -> None:
    """Work until SIGTERM or SIGINT."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(each, stopping.set)
    connector = Connector(Guard(settings.OUTBOUND_ALLOW), Resolver())
    async with asyncio.TaskGroup() as group:
        group.create_task(Checking(connector).until(stopping))
        group.create_task(_do_jobs(stopping))


async def _do_jobs(stopping: asyncio.Event) -> None:
    begun = False
    while not stopping.is_set():
        try:
            if not begun:
                await asyncio.to_thread(_connected, background.begin)
            begun = True
            await _do_jobs_while_connected(stopping)
        except Exception:
            logger.exception("Jobs wait: they are tried again in %.0f s", PAUSE)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), PAUSE)


async def noting_failures(
    job: Callable[[], Awaitable[Any]], context: JobContext, worker: Worker
) -> Any:
    """Keep why a job failed, for the operator's page."""
    try:
        return await job()
    except Exception as error:
        await asyncio.to_thread(_connected, _note, context, error)
        raise


def _note(context: JobContext, error: Exception) -> None:
    failure = {
        "task": context.job.task_name,
        "at": timezone.now(),
        "words": storable(f"{type(error).__name__}: {error}", MOST_CHARACTERS),
    }
    with suppress(DatabaseError):  # it may be the reason, too
        JobFailure.objects.update_or_create(job_id=context.job.id or 0, defaults=failure)


def _connected(function: Callable[..., Any], *arguments: Any) -> None:
    """In a thread, whose connection is closed afterwards."""
    try:
        function(*arguments)
    finally:
        close_old_connections()


async def _do_jobs_while_connected(stopping: asyncio.Event) -> None:
    """Raises where the database goes away."""
    connector = PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=2)
    with app.replace_connector(connector) as real:  # `app` stands for it
        real.job_manager = Jobs(connector)
        async with app.open_async():
            jobs = asyncio.create_task(
                app.run_worker_async(
                    concurrency=AT_ONCE,
                    fetch_job_polling_interval=LOOK,
                    listen_notify=False,
                    shutdown_graceful_timeout=PATIENCE,
                    install_signal_handlers=False,
                    worker_middleware=[noting_failures],
                )
            )
            ending = asyncio.create_task(stopping.wait())
            await asyncio.wait({jobs, ending}, return_when=asyncio.FIRST_COMPLETED)
            if stopping.is_set():
                queue.ending.set()
            ending.cancel()
            jobs.cancel()
            with suppress(asyncio.CancelledError):
                await jobs
