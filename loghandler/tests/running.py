"""A real `manage.py up` in a folder of its own, for the few tests that need all processes."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(condition: Callable[[], Any], seconds: float = PATIENCE) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in tasks.read_text().split()] if tasks.exists() else []


class Running:
    """One `manage.py up`, what it said, and its processes."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        python: Sequence[str] = (sys.executable,),
        user: str | None = None,
        **environment: str,
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.output = folder.parent / f"{folder.name}.output"
        wanted = {
            "PATH": os.environ["PATH"],
            "LOGHANDLER_DATA": str(folder),
            "LOGHANDLER_WEB_WORKERS": "1",
            "LOGHANDLER_API_ACCESS": "open",
            "PORT": str(self.port),
            **environment,
        }
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*python, str(ROOT / "manage.py"), "up"],
                env=wanted,
                cwd="/",
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=user,
                extra_groups=[] if user else None,
            )

    def said(self) -> str:
        return self.output.read_text()

    def ready(self) -> "Running":
        arrived = eventually(lambda: "is ready" in self.said() or self.process.poll() is not None)
        assert arrived, f"not ready in time: {self.said()}"
        assert self.process.poll() is None, self.said()
        return self

    def status(self, path: str) -> int | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return None
        finally:
            connection.close()

    def postgres_pid(self) -> int:
        return int((self.folder / "postgres" / "postmaster.pid").read_text().split("\n")[0])

    def child(self, word: str) -> int:
        """The child of the supervisor whose command holds this word; 0 where none runs."""
        for pid in children(self.process.pid):
            with suppress(FileNotFoundError):
                if word in Path(f"/proc/{pid}/cmdline").read_text():
                    return pid
        return 0

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """As a terminal's Ctrl-C does it: the signal goes to the whole group."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, how)
        return self.process.wait(PATIENCE)

    def kill_everything(self) -> None:
        postgres, web = self.postgres_pid(), self.child("gunicorn")
        doomed = [self.process.pid, *children(self.process.pid), *children(web), postgres]
        for pid in doomed:
            os.kill(pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def running(folder: Path, **options: Any) -> Iterator[Running]:
    instance = Running(folder, **options)
    try:
        yield instance.ready()
    finally:
        instance.stop()
