"""What the workers have done within a day, and what waits: for the operator."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateWorker

_COUNTS = """
    SELECT count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()),
        count(*) FILTER (WHERE status = 'todo' AND scheduled_at > now()),
        count(*) FILTER (WHERE status = 'doing'),
        (
            SELECT min(greatest(at, coalesce(waiting.scheduled_at, at)))
            FROM procrastinate_jobs waiting
            JOIN procrastinate_events event ON event.job_id = waiting.id AND type = 'deferred'
            WHERE waiting.status = 'todo' AND coalesce(waiting.scheduled_at, now()) <= now()
        )
    FROM procrastinate_jobs
"""
# Of each task: its runs within what is kept, and its last one.
_TASKS = """
    WITH runs AS (
        SELECT task_name, status, max(at) FILTER (WHERE type = 'started') AS began,
            max(at) FILTER (WHERE type IN ('succeeded', 'failed', 'aborted')) AS ended
        FROM procrastinate_jobs job JOIN procrastinate_events event ON event.job_id = job.id
        GROUP BY job.id
    )
    SELECT task_name, count(*) FILTER (WHERE status = 'succeeded'),
        count(*) FILTER (WHERE status = 'failed'), max(began),
        (array_agg(status::text ORDER BY began DESC))[1],
        (array_agg(1000 * extract(epoch FROM ended - began) ORDER BY began DESC))[1],
        max(1000 * extract(epoch FROM ended - began))
    FROM runs WHERE began IS NOT NULL
    GROUP BY task_name ORDER BY task_name
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many jobs wait, for later or for a worker, and are being done."""

    due: int
    later: int
    doing: int
    oldest: datetime | None  # since when the one waits that has been due for longest


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of job. Durations are in ms; None while it runs."""

    name: str
    done: int
    failed: int
    began: datetime  # the last one
    state: str  # of the last one, in procrastinate's word
    took: float | None
    longest: float | None


def waiting() -> Waiting:
    return Waiting(*_rows(_COUNTS)[0])


def tasks() -> list[Task]:
    """The tasks of which a job was begun within the time that jobs are kept."""
    return [
        Task(name, done, failed, began, state, _ms(took), _ms(longest))
        for name, done, failed, began, state, took, longest in _rows(_TASKS)
    ]


def workers(alive_since: datetime) -> int:
    """How many workers have told since a moment that they are there."""
    return ProcrastinateWorker.objects.filter(last_heartbeat__gte=alive_since).count()


def _ms(found: Any) -> float | None:
    return None if found is None else float(found)


def _rows(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found: list[Any] = cursor.fetchall()
    return found
