"""The background work: partitions, retention, deletions, expiry, sums, sessions.

`manage.py worker` does it in a process of its own. Under `manage.py up` one of the web workers does
it beside its requests, for a process that loads the application takes 45 MB: most of it is waiting
for PostgreSQL, which gevent lets others use (docs/decisions/010-background-in-web.md).
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.core.management import call_command
from django.db import close_old_connections

from applications.expiry import unmark_used
from loghandler import partitions
from loghandler.file_lock import claimed
from stats import closing, deletions, expiry, retention
from stats.traffic import closing as traffic_closing
from stats.traffic import encoding

logger = logging.getLogger(__name__)
MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
TAKE_OVER_SECONDS = 5.0


@dataclass
class Unit:
    """One thing to do every so often; it says whether there was work, and may be more."""

    name: str
    every: float  # seconds
    work: Callable[[], bool]
    due: float = 0.0

    def run(self, now: float) -> bool:
        """Do it once; a failure is logged and is no reason to end the others."""
        self.due = now + self.every
        close_old_connections()
        try:
            busy = self.work()
        except Exception:
            logger.exception("%s failed; it is tried again in %.0f s", self.name, self.every)
            return False
        finally:
            close_old_connections()
        if busy:
            self.due = now
        return busy


def make_partitions() -> bool:
    partitions.ensure()
    return False


def prune() -> bool:
    retention.prune()
    return False


def forget_sessions() -> bool:
    call_command("clearsessions")
    return False


def units() -> list[Unit]:
    return [
        Unit("Making partitions", 10 * MINUTE, make_partitions),
        Unit("Deleting what was asked for", 2.0, deletions.carry_out),
        Unit("Pruning what is past its retention", HOUR, prune),
        Unit("Unmarking what is used again", MINUTE, unmark_used),
        Unit("Looking for what is unused", HOUR, expiry.carry_out),
        Unit("Summing up the messages of a day", 10 * MINUTE, closing.close_one),
        Unit("Encoding the requests of an hour", MINUTE, encoding.encode_hours),
        Unit("Summing up the traffic of a day", 10 * MINUTE, traffic_closing.close_one),
        Unit("Forgetting expired sessions", DAY, forget_sessions),
    ]


def work_until(stopping: Callable[[float], bool]) -> None:
    """Do what is due until `stopping` says so, which waits for as many seconds as it is given."""
    schedule = units()
    while not stopping(min(unit.due for unit in schedule) - time.monotonic()):
        for unit in schedule:
            if unit.due <= time.monotonic() and not stopping(0):
                unit.run(time.monotonic())


def work_alone_until(stopping: Callable[[float], bool]) -> None:
    """The same in the one process on this data folder that gets to it; the others wait."""
    with (settings.DATA / "background.lock").open("w") as lock:
        while not claimed(lock):
            if stopping(TAKE_OVER_SECONDS):
                return
        work_until(stopping)
