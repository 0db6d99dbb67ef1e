"""What goes on beside the web server: checks of monitors, and jobs (background.py).

One process, one loop of asyncio; what asks Django's ORM runs in threads. Several workers may share
a database, also on several machines: each check and each job is claimed by one of them.
"""

import asyncio
import logging
import signal
from contextlib import suppress

from django.conf import settings
from django.db import close_old_connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector

from loghandler import background
from loghandler.outbound.addresses import Guard
from loghandler.outbound.connections import Connector, Resolver
from monitors.checking import Checking

logger = logging.getLogger(__name__)
AT_ONCE = 4  # jobs; upkeep takes one or two of them
LOOK = 1.0  # seconds from one look for new jobs to the next: LISTEN would hold a connection
PATIENCE = 10.0  # seconds for jobs under way, where the worker is to end
PAUSE = 5.0  # seconds, where the database does not answer


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
            begun = begun or await asyncio.to_thread(_begin)
            await _do_jobs_while_connected(stopping)
        except Exception:
            logger.exception("Jobs wait: they are tried again in %.0f s", PAUSE)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), PAUSE)


def _begin() -> bool:
    try:
        background.begin()
    finally:
        close_old_connections()
    return True


async def _do_jobs_while_connected(stopping: asyncio.Event) -> None:
    """Raises where the database goes away."""
    connector = PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=2)
    with app.replace_connector(connector):
        async with app.open_async():
            jobs = asyncio.create_task(
                app.run_worker_async(
                    concurrency=AT_ONCE,
                    fetch_job_polling_interval=LOOK,
                    listen_notify=False,
                    shutdown_graceful_timeout=PATIENCE,
                    install_signal_handlers=False,
                )
            )
            ending = asyncio.create_task(stopping.wait())
            await asyncio.wait({jobs, ending}, return_when=asyncio.FIRST_COMPLETED)
            if stopping.is_set():
                background.ending.set()
            ending.cancel()
            jobs.cancel()
            with suppress(asyncio.CancelledError):
                await jobs
