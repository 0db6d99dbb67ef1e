"""The background work as an operator asks of it: is it done, is it late, what failed?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from loghandler import jobs
from loghandler.models import JobFailure
from monitors.models import Monitor

# A worker tells every ten seconds that it is there.
ALIVE = timedelta(seconds=30)
# A look at what is due comes four times a second; a database that rests takes its time.
LATE = timedelta(seconds=10)
MOST_FAILURES = 20


@dataclass(frozen=True, slots=True)
class Checks:
    """Monitors that are watched, and how late the check is that has been due for longest."""

    watched: int
    due_since: datetime | None

    @property
    def late(self) -> bool:
        return self.due_since is not None and self.due_since < timezone.now() - LATE


@dataclass(frozen=True, slots=True)
class BackgroundPage:
    workers: int
    checks: Checks
    waiting: jobs.Waiting
    tasks: Sequence[jobs.Task]
    failures: Sequence[JobFailure]


def page() -> BackgroundPage:
    now = timezone.now()
    watched = Monitor.objects.filter(paused=False, application__deleted_at=None)
    due = watched.filter(due_at__lte=now).order_by("due_at")
    return BackgroundPage(
        jobs.workers(now - ALIVE),
        Checks(watched.count(), due.values_list("due_at", flat=True).first()),
        jobs.waiting(),
        jobs.tasks(),
        list(JobFailure.objects.all()[:MOST_FAILURES]),
    )
