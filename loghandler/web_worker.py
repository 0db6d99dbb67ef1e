"""gunicorn's gevent worker: it does not wait for silent clients when it stops, and may do the
background work.
"""

import time
from typing import Any

import gevent
from django.conf import settings
from gunicorn.workers.ggevent import GeventWorker

# What is cut short is rolled back, and done after the next start.
UNIT_SECONDS = 5.0


class Silence(gevent.Timeout):  # type: ignore[misc]
    """The time a kept-alive connection waits for its next request."""

    def __init__(self, seconds: float, waiting: "set[Silence]") -> None:
        super().__init__(seconds, False)
        self._waiting = waiting
        self.greenlet = gevent.getcurrent()

    def __enter__(self) -> "Silence":
        self._waiting.add(self)
        super().__enter__()
        return self

    def __exit__(self, *raised: Any) -> Any:
        self._waiting.discard(self)
        return super().__exit__(*raised)


class Worker(GeventWorker):  # type: ignore[misc]
    """Between requests a connection has nothing to lose; gunicorn would hold the stop for it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._waiting: set[Silence] = set()

    def timeout_ctx(self) -> Silence:
        return Silence(self.cfg.keepalive, self._waiting)

    def notify(self) -> None:
        super().notify()
        if not self.alive:
            for silence in list(self._waiting):
                gevent.kill(silence.greenlet, exception=silence, block=False)

    def run(self) -> None:
        working = gevent.spawn(self._work) if settings.BACKGROUND_IN_WEB else None
        super().run()
        if working:
            working.join(UNIT_SECONDS)

    def _work(self) -> None:
        from loghandler import background  # after the application

        background.work_alone_until(self._stopping)

    def _stopping(self, seconds: float) -> bool:
        """Wait for so long; returns whether to stop, as soon as that is known."""
        until = time.monotonic() + seconds
        while self.alive and (left := until - time.monotonic()) > 0:
            gevent.sleep(min(left, 0.5))
        return not self.alive
