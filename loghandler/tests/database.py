"""pytest against a PostgreSQL of its own, unless DATABASE_URL names one.

Named in pyproject.toml as a plugin: those are imported before pytest-django loads the settings,
which read the environment once; a conftest.py is imported after them.
"""

import atexit
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType

from loghandler.postgres import Cluster

# A server that forgets: tests are repeated, not recovered. A test is one transaction, which may
# hold locks on every partition that there is.
FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_locks_per_transaction": "512",
}


def _start_database() -> None:
    """Once, in the process that pytest-xdist's workers inherit their environment from."""
    folder = Path(tempfile.mkdtemp(prefix="loghandler-test-"))
    cluster = Cluster(folder / "postgres", folder, FORGETFUL)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(cluster.stop)
    cluster.start()
    cluster.ensure_database("loghandler")
    os.environ["DATABASE_URL"] = cluster.url("loghandler")


def _exit(signum: int, frame: FrameType | None) -> None:
    sys.exit(128 + signum)


if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["LOGHANDLER_SECRET_KEY"] = "a-key-for-tests-" * 4
    data = tempfile.TemporaryDirectory(prefix="loghandler-data-")
    atexit.register(data.cleanup)
    os.environ["LOGHANDLER_DATA"] = data.name
    if not os.environ.get("DATABASE_URL"):
        signal.signal(signal.SIGTERM, _exit)  # `timeout` would leave the server behind
        _start_database()
