"""A real worker process: it checks and works, and what is lost when it is killed is taken up."""

import asyncio
import signal
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker
from procrastinate.exceptions import ConnectorException
from procrastinate.psycopg_connector import PsycopgConnector

from loghandler import partitions, queue
from loghandler import worker as worker_module
from loghandler.models import JobFailure
from loghandler.tests.running import PATIENCE, eventually
from loghandler.tests.working import no_jobs, worker
from monitors.factories import create_monitor
from monitors.models import Check
from monitors.records import HttpTarget, TcpTarget

__all__ = ["no_jobs"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _ready(no_jobs: None) -> None:
    partitions.ensure()


def checked() -> int:
    return Check.objects.count()


def port(server: socket.socket) -> int:
    return int(server.getsockname()[1])


def done(name: str) -> Callable[[], bool]:
    return ProcrastinateJob.objects.filter(task_name=name, status="succeeded").exists


def test_a_job_is_done_also_where_the_database_goes_away_as_it_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fails = iter([True, True])

    class Connector(PsycopgConnector):
        async def execute_query_async(self, query: str, **arguments: Any) -> None:
            if "finish_job" in query and next(fails, False):
                raise ConnectorException("terminating connection")
            await super().execute_query_async(query, **arguments)

    async def until_done() -> None:
        stopping = asyncio.Event()
        working = asyncio.create_task(worker_module._do_jobs_while_connected(stopping))
        await asyncio.to_thread(worker_module._connected, eventually, done(queue.DELETING))
        stopping.set()
        await working

    monkeypatch.setattr(worker_module, "PsycopgConnector", Connector)
    monkeypatch.setattr(queue, "ending", threading.Event())
    queue.defer(queue.DELETING)
    asyncio.run(until_done())
    assert done(queue.DELETING)()


def test_it_checks_works_and_ends_when_asked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as service:
        create_monitor(TcpTarget("127.0.0.1", port(service)), interval_seconds=10)
        with worker() as process:
            assert eventually(checked)
            assert eventually(done("Making partitions"))
            assert ProcrastinateWorker.objects.count() == 1
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
    assert Check.objects.filter(failure=None).exists()
    assert not ProcrastinateWorker.objects.exists()
    assert not JobFailure.objects.exists()


def test_a_check_is_missed_for_no_longer_than_its_interval() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(PATIENCE)
        target = HttpTarget(f"http://127.0.0.1:{port(silent)}/")
        monitor = create_monitor(target, interval_seconds=10, timeout_seconds=50)
        with worker() as killed:
            asked, _ = silent.accept()
            killed.kill()
        asked.close()
        assert not checked()
        monitor.refresh_from_db()
        assert monitor.due_at is not None
        assert monitor.due_at <= timezone.now() + timedelta(seconds=10)
        with worker():
            asked, _ = silent.accept()
        asked.close()
