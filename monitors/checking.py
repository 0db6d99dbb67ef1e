"""The loop that checks: claims what is due, asks all at once, and stores what was found.

A slow target takes a place of many, and nobody's time. Two loops, in two processes, share the
monitors; one that is killed has its claims taken up after an interval (claiming.py).
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from django.db import close_old_connections, connections

from loghandler.outbound.connections import Connector
from monitors.calling import look
from monitors.claiming import Due, claim
from monitors.probes import probe
from monitors.records import CheckRecord
from monitors.storing import Change, Found, store
from monitors.targets import HEARTBEAT

logger = logging.getLogger(__name__)
AT_ONCE = 1_000  # checks under way
TICK = 0.25  # seconds from one look at what is due to the next
PAUSE = 5.0  # seconds, where the database does not answer
PATIENCE = 5.0  # seconds for what is under way, where the loop is to end


class Checking:
    """One loop. `changed` is told of each monitor whose state is another one, after the commit."""

    def __init__(
        self, connector: Connector, changed: Callable[[list[Change]], Any] = lambda _: None
    ) -> None:
        self._connector = connector
        self._changed = changed
        # Django's connections are those of a thread: one for all that the loop asks of it.
        self._database = ThreadPoolExecutor(1, thread_name_prefix="monitors")
        self._under_way: set[asyncio.Task[None]] = set()
        self._found: list[Found] = []

    async def until(self, stopping: asyncio.Event) -> None:
        """Check what is due until it is to stop; what is under way then is waited for a while."""
        try:
            while not stopping.is_set():
                pause = TICK if await self._round() else PAUSE
                await _either(stopping, pause)
            if self._under_way:
                await asyncio.wait(self._under_way, timeout=PATIENCE)
            await self._store()
        finally:
            for task in self._under_way:
                task.cancel()
            await self._asked(connections.close_all)
            self._database.shutdown()

    async def _round(self) -> bool:
        """Store what was found, and begin what is due; False where the database failed."""
        try:
            await self._store()
            free = AT_ONCE - len(self._under_way)
            if free:
                await self._begin(await self._asked(claim, datetime.now(UTC), free))
        except Exception:
            logger.exception("Checks wait: they are tried again in %.0f s", PAUSE)
            await self._asked(close_old_connections)
            return False
        return True

    async def _begin(self, dues: list[Due]) -> None:
        """Jobs that have not called in time are told of; the others are asked."""
        if late := [due.monitor_id for due in dues if due.kind == HEARTBEAT]:
            self._tell(await self._asked(look, late, datetime.now(UTC)))
        for due in dues:
            if due.kind != HEARTBEAT:
                task = asyncio.create_task(self._check(due))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)

    def _tell(self, changes: list[Change]) -> None:
        if changes:
            self._changed(changes)

    async def _check(self, due: Due) -> None:
        try:
            record = await probe(due.target(), self._connector, timeout=due.timeout)
        except Exception as error:  # a mistake of ours is no silence
            logger.exception("Monitor %d could not be checked", due.monitor_id)
            words = f"Log Handler could not check it: {error}"
            record = CheckRecord(datetime.now(UTC), "error", words)
        self._found.append(Found(due.application_id, due.monitor_id, record, asked=due.asked))

    async def _store(self) -> None:
        """What could not be stored stays, and is stored the next time."""
        while self._found:
            batch = _of_different_monitors(self._found)
            changes = await self._asked(store, batch)
            del self._found[: len(batch)]  # what was found meanwhile stands behind them
            self._tell(changes)

    async def _asked(self, function: Callable[..., Any], *arguments: Any) -> Any:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._database, function, *arguments)


def _of_different_monitors(found: list[Found]) -> list[Found]:
    """As many from the beginning as are of different monitors: each is stored in its order."""
    seen: set[int] = set()
    for number, each in enumerate(found):
        if each.monitor_id in seen:
            return found[:number]
        seen.add(each.monitor_id)
    return list(found)


async def _either(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, or for so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
