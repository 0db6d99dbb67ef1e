"""gunicorn's gevent worker: it does not wait for silent clients when it stops."""

from typing import Any

import gevent
from gunicorn.workers.ggevent import GeventWorker


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
