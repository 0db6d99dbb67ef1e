import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import close_old_connections

from loghandler import partitions
from loghandler.stopping import StopSignals
from stats import closing, deletions, retention

logger = logging.getLogger(__name__)
MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0


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
        Unit("Summing up the messages of a day", 10 * MINUTE, closing.close_one),
        Unit("Forgetting expired sessions", DAY, forget_sessions),
    ]


class Command(BaseCommand):
    help = "Do the background work until SIGTERM: partitions, retention, deletions, sums, sessions."
    requires_system_checks = []  # they load every page of the site: 20 MB

    def handle(self, *args: Any, **options: Any) -> None:
        signals = StopSignals()
        schedule = units()
        while not signals.wait(min(unit.due for unit in schedule) - time.monotonic()):
            for unit in schedule:
                if signals.wishes:
                    break
                if unit.due <= time.monotonic():
                    unit.run(time.monotonic())
