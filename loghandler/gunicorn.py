"""gunicorn's configuration: `gunicorn -c loghandler/gunicorn.py loghandler.wsgi`."""
# ruff: noqa: E402  (what is imported must find the patched modules)

from gevent import monkey

monkey.patch_all()  # before Django: the application is loaded here, once for all workers

import gc
import os
from importlib import import_module
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loghandler.settings")

from django.conf import settings
from django.db import connections

_host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
bind = [f"{_host}:{settings.PORT}"]
workers = settings.WEB_WORKERS
worker_class = "loghandler.web_worker.Worker"
worker_connections = 1000
keepalive = 75  # longer than the 60 s that proxies keep theirs, so that they end first
timeout = 60
graceful_timeout = 30
# The heartbeat file must not wait for a disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True
accesslog = None
loglevel = "warning"
# Measured with two workers: 78 MB in all (PSS), where loading it in each took 111 MB.
preload_app = True


def when_ready(server: object) -> None:
    """Before the workers are forked: load what they share, and nothing that they can't."""
    from loghandler import queue

    import_module(settings.ROOT_URLCONF)
    queue.load_jobs()  # else each worker would, at its first request that defers one
    if any(connection.connection for connection in connections.all(initialized_only=True)):
        raise RuntimeError("A database connection was opened before the fork; find who does it.")
    gc.collect()
    gc.freeze()  # the collector would write to every shared page


def worker_exit(server: object, worker: object) -> None:
    """When a worker's last request is answered."""
    from ingest import refusal_recorder

    refusal_recorder.close()
