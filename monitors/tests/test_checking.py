"""The loop against real targets and the real database."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, TypeVar

import pytest
from django.db import connection, connections

from loghandler import partitions
from loghandler.outbound.addresses import Guard
from loghandler.outbound.connections import Connector
from loghandler.tests.targets import answer, target
from monitors import changes, checking
from monitors.checking import Checking
from monitors.factories import create_monitor
from monitors.models import Check, Monitor, Outage
from monitors.records import HttpTarget, TcpTarget
from monitors.storing import Change
from monitors.verdicts import DOWN, UP

T = TypeVar("T")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def ready() -> Iterator[None]:
    partitions.ensure()
    yield
    connections.close_all()


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until a condition holds that asks the database."""
    async with asyncio.timeout(seconds):
        while not await in_thread(condition):
            await asyncio.sleep(0.05)


async def in_thread(function: Callable[..., T], *arguments: Any, **options: Any) -> T:
    """What a function returns that asks the database, in a thread that leaves no connection."""

    def closing() -> T:
        try:
            return function(*arguments, **options)
        finally:
            connection.close()

    return await asyncio.to_thread(closing)


class Loop:
    """A loop that runs beside a test."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.stopping = asyncio.Event()
        connector = Connector(Guard(["127.0.0.0/8"]))
        self._task = asyncio.create_task(
            Checking(connector, self.changes.extend).until(self.stopping)
        )

    async def stop(self) -> None:
        self.stopping.set()
        await self._task


def test_what_goes_down_and_comes_back_is_an_outage() -> None:
    healthy = [True]

    async def served(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(answer() if healthy[0] else answer("503 Away"))

    async def main() -> None:
        async with target(served) as serving:
            await in_thread(
                create_monitor, HttpTarget(serving.url()), interval_seconds=1, retries=1
            )
            loop = Loop()
            await until(lambda: Monitor.objects.filter(state=UP).exists())
            healthy[0] = False
            await until(lambda: Outage.objects.filter(end=None).exists())
            healthy[0] = True
            await until(lambda: Outage.objects.exclude(end=None).exists())
            await loop.stop()
        assert [change.after.state for change in loop.changes] == [UP, DOWN, UP]

    asyncio.run(main())
    outage = Outage.objects.get()
    checks = list(Check.objects.order_by("checked_at"))
    failed = [check for check in checks if check.failure]
    assert {check.words for check in failed} == {"Status 503, not 200 to 299"}
    assert abs(outage.begin - failed[0].checked_at) < timedelta(milliseconds=1)
    assert len(failed) >= 2
    gaps = [(b.checked_at - a.checked_at).total_seconds() for a, b in pairwise(checks)]
    assert max(gaps) < 3


def test_a_slow_target_delays_nobody() -> None:
    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=100) as silent:
            deaf = HttpTarget(f"http://127.0.0.1:{silent.getsockname()[1]}/")
            async with target(answer()) as serving:
                for number in range(40):
                    await in_thread(
                        create_monitor,
                        deaf if number % 2 else HttpTarget(serving.url()),
                        timeout_seconds=3.0,
                    )
                loop = Loop()
                await until(lambda: Monitor.objects.filter(state=UP).count() == 20, seconds=2.5)
                await until(lambda: Check.objects.filter(failure="timeout").count() == 20)
                await loop.stop()

    asyncio.run(main())
    assert Check.objects.count() == 40


def test_what_is_under_way_is_stored_before_the_loop_ends() -> None:
    async def slow(_: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.5)
        writer.write(answer())

    async def main() -> None:
        async with target(slow) as serving:
            await in_thread(create_monitor, HttpTarget(serving.url()))
            loop = Loop()
            await until(lambda: bool(serving.asked))
            await loop.stop()

    asyncio.run(main())
    assert Check.objects.get().failure is None


def test_a_check_of_a_target_that_was_changed_meanwhile_changes_no_state() -> None:
    async def main() -> None:
        async with target(answer()) as fixed:

            async def changing(_: bytes, writer: asyncio.StreamWriter) -> None:
                """Before it answers, somebody mends the address."""
                monitor = await in_thread(Monitor.objects.get)
                await in_thread(changes.change, monitor, HttpTarget(fixed.url()))
                writer.write(answer("503 Away"))

            async with target(changing) as broken:
                await in_thread(create_monitor, HttpTarget(broken.url()), retries=0)
                loop = Loop()
                await until(lambda: Check.objects.count() == 2)
                await loop.stop()
            assert [change.after.state for change in loop.changes] == [UP]

    asyncio.run(main())
    assert Check.objects.filter(failure="status").count() == 1
    assert not Outage.objects.exists()


def test_two_loops_check_nothing_twice() -> None:
    async def main() -> None:
        async with target(answer()) as serving:
            for _ in range(30):
                await in_thread(create_monitor, HttpTarget(serving.url()))
            loops = [Loop(), Loop()]
            await until(lambda: Monitor.objects.filter(state=UP).count() == 30)
            for loop in loops:
                await loop.stop()
            assert len(serving.asked) == 30

    asyncio.run(main())
    assert Check.objects.count() == 30


def test_what_was_found_while_the_database_was_away_is_stored_once_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checking, "PAUSE", 0.1)

    async def main() -> None:
        asked = threading.Event()

        async def ending(_: bytes, writer: asyncio.StreamWriter) -> None:
            """Before it answers, all other connections to the database end."""
            await in_thread(_end_all_others)
            writer.write(answer())
            asked.set()

        async with target(ending) as serving:
            await in_thread(create_monitor, HttpTarget(serving.url()))
            loop = Loop()
            await until(lambda: Check.objects.exists())
            await loop.stop()
            assert asked.is_set()

    asyncio.run(main())
    assert Check.objects.get().failure is None


def _end_all_others() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND query LIKE '%%monitors_monitor%%'",
            [],
        )
        return bool(cursor.fetchall())


def test_a_target_that_nobody_can_ask_is_a_check_like_others() -> None:
    async def main() -> None:
        await in_thread(create_monitor, TcpTarget("169.254.169.254", 80), retries=0)
        loop = Loop()
        await until(lambda: Outage.objects.exists())
        await loop.stop()

    asyncio.run(main())
    assert Outage.objects.get().failure == "forbidden"
    assert Check.objects.get().checked_at <= datetime.now(UTC)


def test_a_check_that_fails_by_itself_is_no_silence() -> None:
    async def main() -> None:
        broken = await in_thread(create_monitor, retries=0)
        broken.target = {"host": "of another kind"}
        await in_thread(broken.save)
        async with target(answer()) as serving:
            await in_thread(create_monitor, HttpTarget(serving.url()))
            loop = Loop()
            await until(lambda: Check.objects.count() == 2)
            await loop.stop()

    asyncio.run(main())
    outage = Outage.objects.get()
    assert outage.failure == "error"
    assert "missing required field `url`" in outage.words
