"""The upkeep: partitions, retention, deletions, expiry, sums, sessions.

Jobs of procrastinate, whose queue is PostgreSQL: `loghandler/worker.py` does them when they are
due. Two workers never do one of them at once, and what a killed one was at is done again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from applications.expiry import unmark_used
from loghandler import partitions, queue
from loghandler.models import JobFailure
from monitors import hours
from stats import closing, deletions, expiry, retention
from stats.traffic import closing as traffic_closing
from stats.traffic import encoding

# Finished jobs tell the operator what was done when.
KEPT_HOURS = 24
TAKING_UP = "Taking up what ended with its worker"


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Something to be done every so often. `work` says whether there may be more of it."""

    name: str
    cron: str
    work: Callable[[], bool]
    # What shares a lock is done one after another: all at once is much for a small database.
    lock: str = "upkeep"

    def run(self, timestamp: int = 0) -> None:
        """Do it until there is no more."""
        while self.work() and not queue.ending.is_set():
            pass


def make_partitions() -> bool:
    partitions.ensure()
    return False


def prune() -> bool:
    retention.prune()
    return False


def forget_sessions() -> bool:
    call_command("clearsessions")
    return False


EVERY_MINUTE, EVERY_TEN_MINUTES, HOURLY, DAILY = (
    "* * * * *", "*/10 * * * *", "7 * * * *", "23 3 * * *",
)  # fmt: skip
UPKEEP = [
    Upkeep("Making partitions", EVERY_TEN_MINUTES, make_partitions, lock="partitions"),
    Upkeep(queue.DELETING, EVERY_MINUTE, deletions.carry_out, lock="deletions"),
    Upkeep("Pruning what is past its retention", HOURLY, prune),
    Upkeep("Unmarking what is used again", EVERY_MINUTE, unmark_used),
    Upkeep("Looking for what is unused", HOURLY, expiry.carry_out),
    Upkeep("Summing up the messages of a day", EVERY_TEN_MINUTES, closing.close_one),
    Upkeep("Encoding the requests of an hour", EVERY_MINUTE, encoding.encode_hours),
    Upkeep("Summing up the traffic of a day", EVERY_TEN_MINUTES, traffic_closing.close_one),
    Upkeep("Summing up the checks of an hour", EVERY_TEN_MINUTES, hours.sum_up),
    Upkeep("Forgetting expired sessions", DAILY, forget_sessions),
]
for _each in UPKEEP:
    _locks = {"lock": _each.lock, "queueing_lock": _each.name}
    app.periodic(cron=_each.cron)(app.task(name=_each.name, **_locks)(_each.run))  # type: ignore[call-overload]


def begin() -> None:
    """Have everything done at once: it may have been due while no worker was there."""
    for name in (TAKING_UP, *(each.name for each in UPKEEP)):
        queue.defer(name)


@app.periodic(cron=EVERY_MINUTE)
@app.task(name=TAKING_UP, pass_context=True)
async def take_up(context: JobContext, timestamp: int = 0) -> None:
    """It has no lock: one that was never given back would stop it for good."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        try:
            await manager.retry_job(job)
        except UniqueViolation:  # the same waits already
            await manager.finish_job(job, Status.ABORTED, delete_job=False)


@app.periodic(cron=HOURLY)
@app.task(name="Forgetting finished jobs", pass_context=True)
async def forget_jobs(context: JobContext, timestamp: int) -> None:
    await context.app.job_manager.delete_old_jobs(
        KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )
    since = timezone.now() - timedelta(hours=KEPT_HOURS)
    await JobFailure.objects.filter(at__lt=since).adelete()
