"""Records refusals beside the requests: tallied in memory, written at most once a second.

Whoever hammers with a wrong key costs a dictionary look-up a request, and no write of its own.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from django.db import InterfaceError, OperationalError, connection

from ingest import refusal_log
from ingest.refusal_tally import Count, Tally

logger = logging.getLogger(__name__)

# Between two writes. Owners see a refusal within two seconds.
PAUSE_SECONDS = 1.0
STOP_SECONDS = 12.0  # longer than a request waits for a connection of the pool
_WARN_SECONDS = 60.0
_MOST_PROVEN = 10_000
_LOST = "there were too many different ones, or the database did not take them."

Write = Callable[[Sequence[Count]], set[int]]


class Recorder:
    """The tally of a process, and the thread that writes it, started at the first refusal."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._proven: set[int] = set()  # applications that a write has found to exist
        self._tally = Tally(self._proven)
        self._lock = threading.Lock()
        self._noted = threading.Event()
        self._stopping = threading.Event()
        self._lost = 0
        self._warned_at = -_WARN_SECONDS
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="refusal-writer", daemon=True)
        self._thread.start()

    def note(self, counts: Iterable[Count]) -> None:
        """Count what was refused; it is written soon."""
        with self._lock:
            for count in counts:
                self._tally.add(count)
        self._noted.set()

    def close(self) -> None:
        """Write what is left, and end."""
        self._stopping.set()
        self._noted.set()
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._noted.wait()
            if not self._stopping.is_set():
                self._flush()
                self._stopping.wait(PAUSE_SECONDS)
        self._flush()
        self._lost += sum(count.n for count in self._tally.counts())
        self._warn()

    def _flush(self) -> None:
        self._noted.clear()
        with self._lock:
            taken, self._tally = self._tally, Tally(self._proven)
        self._lost += taken.lost
        try:
            if len(taken):
                self._prove(self._write(taken.counts()))
        except (OperationalError, InterfaceError) as error:
            self._keep(taken)
            if not self._failing:
                logger.error("Refusals can't be recorded at the moment: %s", error)
            self._failing = True
        except Exception:  # another try would fail alike
            self._lost += sum(count.n for count in taken.counts())
            logger.exception("Refusals were not recorded")
        else:
            self._failing = False
        finally:
            connection.close()
        if time.monotonic() - self._warned_at > _WARN_SECONDS:
            self._warn()

    def _prove(self, existing: set[int]) -> None:
        if len(self._proven) > _MOST_PROVEN:
            self._proven.clear()
        self._proven |= existing

    def _keep(self, taken: Tally) -> None:
        """Write it later, with what was noted meanwhile, as far as there is room.

        Where the connection broke at the commit itself, it may be counted twice.
        """
        with self._lock:
            newer, self._tally = self._tally, taken
            taken.lost = newer.lost
            for count in newer.counts():
                taken.add(count)
        self._noted.set()

    def _warn(self) -> None:
        if self._lost:
            logger.warning("%d refusals were not recorded: %s", self._lost, _LOST)
            self._lost, self._warned_at = 0, time.monotonic()


class Notes(Protocol):
    def note(self, counts: Iterable[Count]) -> None: ...


_recorders: dict[int, Recorder] = {}  # by process: a fork takes no threads along
_starting = threading.Lock()


def recorder() -> Notes:
    """The recorder of this process, started at its first use."""
    found = _recorders.get(os.getpid())
    if found is None:
        with _starting:
            found = _recorders.get(os.getpid()) or Recorder(refusal_log.add)
            _recorders[os.getpid()] = found
    return found


def close() -> None:
    """Write what this process still remembers: it ends."""
    if found := _recorders.pop(os.getpid(), None):
        found.close()
