"""Group commit: requests hand over what they bring and wait; one writer commits them together.

Under light load a transaction holds what one request brings and nothing waits; under heavy load
transactions grow and the cost of each falls. A request is answered after its commit.
"""

import contextlib
import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence

import psycopg
from django.db import DatabaseError, close_old_connections

from ingest.records import StoredItem
from ingest.storing import NothingSent, Stored, store
from loghandler.statements import Connection

logger = logging.getLogger(__name__)

# Of one transaction. Larger ones gain nothing more and make everyone wait longer.
TRANSACTION_ITEMS = 5_000
CONNECT_SECONDS = 5
DATABASE_AWAY = "The database does not answer at the moment."


class Busy(Exception):
    """Nothing was stored because too much waits, or PostgreSQL does not answer."""

    retry_after = 1  # seconds


class TooManyWaiting(Busy):
    """One application has so much waiting that the others would be kept out."""


class _Job:
    """What one request brings, on its way, and what became of them."""

    __slots__ = ("application_id", "done", "error", "items", "since", "stored")

    def __init__(self, application_id: int, items: Sequence[StoredItem]) -> None:
        self.application_id = application_id
        self.items = items
        self.since = time.monotonic()
        self.done = threading.Lock()  # free when done; an Event costs thrice as much
        self.done.acquire()
        self.stored: Stored | None = None
        self.error: Exception | None = None


class GroupCommit:
    """The one writer of a process, with its own connection and a bounded queue before it."""

    def __init__(
        self, connect: Callable[[], Connection], *, queue_events: int, timeout: float
    ) -> None:
        self._connect = connect
        self._queue_events = queue_events
        self._timeout = timeout
        self._connection: Connection | None = None
        self._waiting: deque[_Job] = deque()
        self._waiting_items: Counter[int] = Counter()  # by application
        self._total = 0
        self._writing: list[_Job] = []
        self._closing = False
        self._condition = threading.Condition(threading.Lock())
        self._thread = threading.Thread(target=self._write, name="event-writer", daemon=True)
        self._thread.start()

    def commit(self, application_id: int, items: Sequence[StoredItem]) -> Stored:
        """Store the items; returns after the commit. Raises Busy where nothing was stored."""
        job = _Job(application_id, items)
        with self._condition:
            self._admit(job)
            self._condition.notify()
        if not job.done.acquire(timeout=self._timeout):
            if self._withdraw(job):
                raise Busy("The database did not take it in time.")
            # Being written: connecting and a transaction that times out must end before this wait.
            if not job.done.acquire(timeout=2 * self._timeout + CONNECT_SECONDS):
                raise Busy("The database does not answer; whether it was stored is unknown.")
        if job.error:
            raise job.error
        assert job.stored is not None
        return job.stored

    def alive(self) -> bool:
        """Whether the writer runs and takes what waits."""
        with self._condition:
            oldest = min((job.since for job in [*self._waiting, *self._writing]), default=None)
        return self._thread.is_alive() and (
            oldest is None or time.monotonic() - oldest < self._timeout
        )

    def close(self) -> None:
        """Write what waits, take nothing more, and end."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        self._thread.join()

    def _admit(self, job: _Job) -> None:
        """Queue the job. What finds the queue empty always enters, whatever its size."""
        if self._closing:
            raise Busy("The service is stopping.")
        count = len(job.items)
        if self._total and self._total + count > self._queue_events:
            raise Busy("Too much is waiting to be written.")
        own = self._waiting_items[job.application_id]
        if own and own + count > self._queue_events // 2:
            raise TooManyWaiting("Too much of this application is waiting to be written.")
        self._waiting.append(job)
        self._waiting_items[job.application_id] += count
        self._total += count

    def _forget(self, job: _Job) -> None:
        self._total -= len(job.items)
        self._waiting_items[job.application_id] -= len(job.items)
        if not self._waiting_items[job.application_id]:
            del self._waiting_items[job.application_id]

    def _withdraw(self, job: _Job) -> bool:
        """Take the job back; False where the writer has it already."""
        with self._condition:
            if job not in self._waiting:
                return False
            self._waiting.remove(job)
            self._forget(job)
            return True

    def _next_jobs(self) -> list[_Job]:
        """Everything that waits, up to a transaction's bound; none where the writer is closed."""
        with self._condition:
            self._writing = []
        while True:
            with self._condition:
                while not self._waiting and not self._closing:
                    self._condition.wait()
            self._gather()
            with self._condition:
                if self._waiting or self._closing:  # else all were withdrawn in the meantime
                    self._writing = self._taken()
                    return self._writing

    def _taken(self) -> list[_Job]:
        jobs: list[_Job] = []
        room = TRANSACTION_ITEMS
        while self._waiting and (not jobs or len(self._waiting[0].items) <= room):
            job = self._waiting.popleft()
            self._forget(job)
            room -= len(job.items)
            jobs.append(job)
        return jobs

    def _gather(self) -> None:
        """Let the others run while more comes of it: one commit for many costs each less.

        Under gunicorn a pass runs every greenlet that can run: those that were just answered read
        their next request. It takes two without a new one to see that nothing more comes.
        """
        found = idle = 0
        while idle < 2:
            idle = idle + 1 if len(self._waiting) == found else 0
            found = len(self._waiting)
            time.sleep(0)

    def _write(self) -> None:
        while jobs := self._next_jobs():
            try:
                stored = self._store([item for job in jobs for item in job.items])
                for job in jobs:
                    job.stored = stored
            except (psycopg.Error, DatabaseError, NothingSent) as error:
                logger.error("Nothing was stored: %s", error)
                self._disconnect()
                for job in jobs:
                    job.error = Busy("The database can't store anything at the moment.")
            except Exception as error:
                logger.exception("Nothing was stored")
                self._disconnect()
                for job in jobs:
                    job.error = error
            for job in jobs:
                job.done.release()
            close_old_connections()  # Django's own, where a partition was healed
        self._disconnect()

    def _store(self, items: list[StoredItem]) -> Stored:
        started = time.monotonic()
        try:
            return store(self._connected(), items)
        except NothingSent:
            if time.monotonic() - started > CONNECT_SECONDS:
                raise  # a second try would outlast the patience of those who wait
            self._disconnect()  # PostgreSQL was restarted while the connection was idle
            return store(self._connected(), items)

    def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                self._connection.close()
        self._connection = None
