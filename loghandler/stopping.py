"""Waiting that a signal ends at once, for the loops of the supervisor and the worker."""

import os
import select
import signal
from types import FrameType

_WAKING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


class StopSignals:
    """Counts the wishes to stop from the moment it is made.

    A pipe that the signal itself writes to, because `Event.set` in a signal handler can deadlock
    with `Event.wait` in the thread it interrupts.
    """

    def __init__(self) -> None:
        self.wishes = 0
        self._reading, writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for waking in _WAKING:
            signal.signal(waking, self._note)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _WAKING)  # `up` blocks them over its exec

    def wait(self, seconds: float) -> bool:
        """Whether to stop; returns early when a signal comes or a child ends."""
        if not self.wishes and select.select([self._reading], [], [], max(0.0, seconds))[0]:
            os.read(self._reading, 1024)
        return self.wishes > 0

    def pause(self, seconds: float) -> None:
        """Like `wait`, for use when stopping has begun: only a new signal ends it early."""
        if select.select([self._reading], [], [], seconds)[0]:
            os.read(self._reading, 1024)

    def _note(self, signum: int, frame: FrameType | None) -> None:
        if signum != signal.SIGCHLD:
            self.wishes += 1
