"""Who reads gives way to who sends: while events come in without pause, pages take turns.

A page takes as much of a core as some fifty events: ten readers who look without pause would leave
a tenth of the machine for what is sent (docs/decisions/007-readers-give-way.md). Where nothing is
being sent nobody waits.
"""

import mmap
import threading
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

BUSY = 0.1  # seconds: something was sent so lately that more is on its way
PAUSE = 1.5  # for the events after a page, of the time that pages take
MOST = 3.0  # seconds that a page waits: who reads is answered too
STEP = 0.005  # seconds between two looks at whether it is one's turn

# When something was sent last, by the monotonic clock; of all workers, for the master makes it
# before they are forked.
_sent = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("d")


def sending() -> None:
    """Something is being sent."""
    _sent[0] = time.monotonic()


class Turns:
    """The turns of a worker's readers."""

    def __init__(self) -> None:
        self._queue = threading.Lock()
        self._next = 0.0  # when a page may begin
        self._usual = 0.0  # seconds that a page takes, of late

    def take(self) -> None:
        """Wait for a turn, where something is being sent."""
        latest = time.monotonic() + MOST
        with self._queue:
            while (now := time.monotonic()) < min(self._next, latest, _sent[0] + BUSY):
                time.sleep(STEP)
            self._next = now + (1 + PAUSE) * self._usual

    def taken(self, seconds: float) -> None:
        """A page is done, and took so long."""
        self._usual += (seconds - self._usual) / 8


def middleware(
    following: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    turns = Turns()

    def answer(request: HttpRequest) -> HttpResponse:
        turns.take()
        started = time.monotonic()
        try:
            return following(request)
        finally:
            turns.taken(time.monotonic() - started)

    return answer
