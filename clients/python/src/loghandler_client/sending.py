"""The thread that sends: in batches, again where the server is away, and never in anybody's way."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import random
import sys
import threading
import weakref
from time import monotonic
from typing import Any, Callable, Mapping, NamedTuple, Optional, Sequence

from loghandler_client import transport
from loghandler_client.lanes import Lane

FIRST_RETRY, LAST_RETRY = 1.0, 60.0  # seconds
_COMPLAIN_EVERY = 60.0
# What sending again won't help.
_REFUSED = (400, 413, 415, 422)


class Stats(NamedTuple):
    """What became of all that a process had to tell."""

    sent: int
    waiting: int
    dropped: int  # the oldest, where more waited than there is room for
    refused: int  # by the server, which said why
    failed: int  # what could not be told: values that can't be written, errors of our own


class Settings(NamedTuple):
    """How to send."""

    key: str
    batch_items: int
    batch_bytes: int
    gzip_over: int
    timeout: float
    exit_seconds: float


class Sender:
    """Sends what is put into its lanes, in the background."""

    def __init__(
        self,
        lanes: Sequence[Lane],
        settings: Settings,
        report: Callable[[Mapping[str, int]], Any],
    ) -> None:
        """`report` makes an item of the first lane that tells how many were dropped by lane."""
        self.lanes = lanes
        self._settings = settings
        self._report = report
        self.forget_all()
        _senders.add(self)
        _close_with_children(self)

    def forget_all(self) -> None:
        """As at the beginning: in a forked child, where what waits is the parent's to send."""
        # Reentrant: while an event is put, a destructor may run in the same thread, and log.
        self._changed = threading.Condition(threading.RLock())
        self._working = threading.Lock()  # of who takes from the lanes
        self._thread: Optional[threading.Thread] = None
        self._thread_id: Optional[int] = None
        self._idle = self._flushing = False
        self._put = self._done = 0
        self._sent = self._refused = self._failed = 0
        self._dropped: dict[str, int] = {lane.name: 0 for lane in self.lanes}
        self._unreported: dict[str, int] = {lane.name: 0 for lane in self.lanes}
        self._complained: dict[str, float] = {}
        self.last_answer: Optional[transport.Answer] = None
        for lane in self.lanes:
            lane.clear()

    # --- For the host's threads -----------------------------------------------------------------

    def put(self, lane: Lane, item: Any, size: int) -> None:
        """Take an item. It never waits for the server."""
        if self._thread_id == threading.get_ident():  # what sending itself logs
            return
        changed = self._changed
        with changed:
            self._put += 1
            dropped = lane.put(item, size, monotonic())
            if dropped:
                self._drop(lane, dropped)
            if self._thread is None:
                self._start()
            elif self._idle or len(lane.told) == self._settings.batch_items:
                self._idle = False
                changed.notify()

    def note_failure(self) -> None:
        """Count something that could not be told."""
        self._failed += 1

    def flush(self, timeout: float) -> bool:
        """Send all that waits now; whether it went within so many seconds."""
        deadline = monotonic() + timeout
        if self._thread is None or not self._thread.is_alive():
            return self._without_thread(deadline)
        with self._changed:
            wanted = self._put
            self._flushing = self._done < wanted
            self._changed.notify_all()
            while self._done < wanted:
                left = deadline - monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)
        return True

    def stats(self) -> Stats:
        with self._changed:
            return Stats(
                self._sent,
                sum(map(len, self.lanes)),
                sum(self._dropped.values()),
                self._refused,
                self._failed,
            )

    def _start(self) -> None:
        before = self._thread
        self._thread = threading.Thread(target=self._run, name="loghandler-client", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # the interpreter is ending: what is put is sent at exit
            self._thread = before

    # --- For the sending thread -----------------------------------------------------------------

    def _run(self) -> None:
        self._thread_id = threading.get_ident()
        while self._is_current():
            try:
                self._wait()
                self._work()
            except Exception as error:  # noqa: PERF203
                self.note_failure()
                self._complain(f"{type(error).__name__}: {error}")
                with self._changed:
                    self._changed.wait(FIRST_RETRY)

    def _is_current(self) -> bool:
        """Whether no `close` has ended the running thread."""
        return self._thread is threading.current_thread()

    def _wait(self) -> None:
        """Until something is due."""
        with self._changed:
            while self._is_current() and not self._flushing:
                due = min((self._due(lane) for lane in self.lanes if len(lane)), default=None)
                if due is None:
                    self._idle = True
                    self._changed.wait()
                    self._idle = False
                    continue
                left = due - monotonic()
                if left <= 0:
                    return
                self._changed.wait(left)

    def _due(self, lane: Lane) -> float:
        """When the lane is to be sent."""
        if len(lane) >= self._settings.batch_items or lane.size >= self._settings.batch_bytes:
            return lane.retry_at
        return max((lane.first_at or 0.0) + lane.seconds, lane.retry_at)

    def _work(self) -> None:
        with self._changed:
            flushing, self._flushing = self._flushing, False
        with self._working:
            for lane in self.lanes:
                self._encode(lane)
                if len(lane) and (flushing or self._due(lane) <= monotonic()):
                    self._send(lane, flushing=flushing)

    def _encode(self, lane: Lane) -> None:
        with self._changed:
            items = lane.take_told()
        for item in items:
            if not lane.encode(item):
                with self._changed:
                    self._done += 1
                    self._failed += 1
        with self._changed:
            dropped = lane.trim()
            if dropped:
                self._drop(lane, dropped)
            self._changed.notify_all()

    def _drop(self, lane: Lane, count: int) -> None:
        self._dropped[lane.name] += count
        self._unreported[lane.name] += count
        self._done += count

    def _send(self, lane: Lane, *, flushing: bool) -> None:
        """Send all that the lane has, until the server does not take it."""
        settings = self._settings
        if flushing:
            lane.retry_at = 0.0
        while lane.encoded and lane.retry_at <= monotonic():
            batch = lane.batch(settings.batch_items, settings.batch_bytes)
            answer = transport.post(
                lane.url,
                settings.key,
                b"[" + b",".join(batch) + b"]",
                gzip_over=settings.gzip_over,
                timeout=settings.timeout,
            )
            self._take(lane, len(batch), answer)
            self._encode(lane)
        with self._changed:
            lane.first_at = monotonic() if len(lane) else None

    def _take(self, lane: Lane, count: int, answer: transport.Answer) -> None:
        """What becomes of a batch."""
        self.last_answer = answer
        if answer.stored or answer.status in _REFUSED:
            if answer.status == 413 and count > 1:
                lane.limit = count // 2
                return
            refused = count if not answer.stored else _rejected(answer.body)
            if refused:
                self._complain(f"{refused} of {count} {lane.name} were refused: {answer.words}")
            with self._changed:
                lane.forget(count)
                lane.failures = 0
                self._done += count
                self._refused += refused
                self._sent += count - refused
                self._changed.notify_all()
            if answer.stored:
                self._tell_dropped()
            return
        lane.failures += 1
        delay = min(FIRST_RETRY * 2 ** (lane.failures - 1), LAST_RETRY) * random.uniform(0.5, 1.0)  # noqa: S311
        lane.retry_at = monotonic() + max(delay, answer.retry_after or 0.0)
        self._complain(f"{lane.url} does not take {lane.name}, trying again: {answer.words}")

    def _tell_dropped(self) -> None:
        """Now that the server is back: how many it did not get."""
        with self._changed:
            dropped = {name: count for name, count in self._unreported.items() if count}
            self._unreported = dict.fromkeys(self._unreported, 0)
            if not dropped:
                return
            self._put += 1
            self.lanes[0].put(self._report(dropped), 500, monotonic())

    def _complain(self, text: str) -> None:
        """On the error output, where nothing of ours can come round again; not twice a minute."""
        now = monotonic()
        kind = text[:40]
        if now - self._complained.get(kind, -_COMPLAIN_EVERY) < _COMPLAIN_EVERY:
            return
        self._complained[kind] = now
        with contextlib.suppress(Exception):  # it may be closed
            print(f"loghandler_client: {text}", file=sys.__stderr__)

    # --- At the end -----------------------------------------------------------------------------

    def _without_thread(self, deadline: float) -> bool:
        """Send by the calling thread, where there is none: nothing was put, or at the very end.

        Meanwhile another thread may put something, and start the one that sends.
        """
        if not self._working.acquire(timeout=max(deadline - monotonic(), 0.0)):
            return False
        before, self._thread_id = self._thread_id, threading.get_ident()
        try:
            for lane in self.lanes:
                self._encode(lane)
                self._send(lane, flushing=True)
                if lane.encoded and monotonic() < deadline:
                    self._send(lane, flushing=True)
        finally:
            if self._thread_id == threading.get_ident():
                self._thread_id = before
            self._working.release()
        return not any(map(len, self.lanes))

    def close(self) -> None:
        """What waits is sent, as long as the settings allow; then the thread ends."""
        if any(map(len, self.lanes)):
            self.flush(self._settings.exit_seconds)
        with self._changed:
            self._thread = None
            self._changed.notify_all()


def _rejected(body: bytes) -> int:
    """How many items of a batch the server did not store, though it took the rest."""
    try:
        told = json.loads(body)
        return len(told["rejected"])
    except (ValueError, TypeError, KeyError):
        return 0


# --- All of a process ---------------------------------------------------------------------------

_senders: weakref.WeakSet[Sender] = weakref.WeakSet()


def _close_all(**_of_celery: Any) -> None:
    for sender in list(_senders):
        sender.close()


atexit.register(_close_all)


def _after_fork() -> None:
    for sender in list(_senders):
        sender.forget_all()
        _close_with_children(sender)


def _close_with_children(sender: Sender) -> None:
    """Children of multiprocessing and Celery end without atexit; each has a call for that."""
    forks = sys.modules.get("multiprocessing.util")
    if forks is not None:  # a child forgets what its parent registered, except for after the fork
        finalize = forks.Finalize
        forks.register_after_fork(sender, lambda _: finalize(None, _close_all, exitpriority=10))
    celery = sys.modules.get("celery.signals")
    if celery is not None:
        celery.worker_process_shutdown.connect(_close_all, weak=False)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
