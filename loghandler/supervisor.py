"""The parent of everything that `manage.py up` runs: starts, restarts and stops it in order.

Standard library only and a process of its own: `up` becomes it when the preparations are done, so
that Django's memory is not held for watching. Its plan comes as JSON through a file descriptor.
"""

import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":  # started as a file: its folder would hide `gunicorn` and others
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from loghandler.postgres import Cluster, ServerFailed
from loghandler.stopping import StopSignals

CALM_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 30.0
STARTING_SECONDS = 60.0
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to run, as `manage.py up` found it after the preparations."""

    host: str
    port: int
    web: list[str]
    worker: list[str]
    lock: int  # file descriptor; children keep it, so that a new `up` waits for them
    ready: str  # printed when the web server answers
    postgres: tuple[str, str] | None = None  # data folder, socket folder

    def passed(self) -> int:
        """A file descriptor that `received` reads, after an exec: secrets don't show in `ps`."""
        reading, writing = os.pipe()
        with os.fdopen(writing, "w") as stream:
            json.dump(self.__dict__, stream)
        os.set_inheritable(reading, True)
        return reading

    @classmethod
    def received(cls, descriptor: int) -> "Plan":
        with os.fdopen(descriptor) as stream:
            return cls(**json.load(stream))


@dataclass
class Child:
    """A process that is started again when it ends, after a pause that grows while it fails."""

    name: str
    command: list[str]
    lock: int
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    pause: float = 0.5
    endings: int = 0

    def tend(self, now: float) -> None:
        """Start it when it is due; note when it has ended."""
        if self.process and self.process.poll() is not None:
            self.endings += 1
            if now - self.started > CALM_SECONDS:
                self.pause = 0.5
            code = self.process.returncode
            say(f"{self.name} ended by itself (code {code}); starting it again in {self.pause} s.")
            self.due, self.pause = now + self.pause, min(self.pause * 2, LONGEST_PAUSE_SECONDS)
            self.process = None
        if not self.process and now >= self.due:
            # A session of its own: Ctrl-C reaches the supervisor alone, which stops in order.
            self.process = subprocess.Popen(  # noqa: S603
                self.command,
                stdin=subprocess.DEVNULL,
                pass_fds=[self.lock],
                start_new_session=True,
                preexec_fn=_tied_to(os.getpid()),
            )
            self.started = now

    def ask(self) -> None:
        """Ask it to end."""
        if self.process:
            self.process.terminate()

    def stop(self, signals: StopSignals, patience: float) -> None:
        """Ask it to end; kill it after `patience` seconds, or when asked to stop once more."""
        if not self.process:
            return
        self.ask()
        deadline, wishes = time.monotonic() + patience, signals.wishes
        while self.process.poll() is None:
            if time.monotonic() > deadline or signals.wishes > wishes:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
            signals.pause(0.2)


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def _tied_to(parent: int) -> Callable[[], None] | None:
    """Code for the child: end when the supervisor is killed. Linux only; elsewhere it lingers."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl  # looked up here: no imports between fork and exec

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return tie


def answers(host: str, port: int) -> bool:
    """Whether a web server is there; any HTTP answer will do."""
    try:
        with socket.create_connection((host, port), timeout=2) as connection:
            connection.sendall(b"GET /livez HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return connection.recv(5) == b"HTTP/"
    except OSError:
        return False


class Supervisor:
    def __init__(self, plan: Plan, signals: StopSignals) -> None:
        self.plan = plan
        self.signals = signals
        self.cluster: Cluster | None = None
        if plan.postgres:
            data, socket_folder = map(Path, plan.postgres)
            self.cluster = Cluster(data, socket_folder)
        self.server_pid = self.cluster.pid() if self.cluster else None
        self.web = Child("The web server", plan.web, plan.lock)
        self.worker = Child("The worker", plan.worker, plan.lock)
        self.is_ready = False

    def run(self) -> int:
        """Serve until a signal; returns the exit code."""
        code = 0
        give_up = time.monotonic() + STARTING_SECONDS
        next_bound = 0.0
        while not self.signals.wait(0.5 if self.is_ready else 0.05):
            now = time.monotonic()
            self.tend_database()
            self.web.tend(now)
            if self.is_ready:  # the first page does not wait for it
                self.worker.tend(now)
            self.is_ready = self.is_ready or self.announced()
            if not self.is_ready and (self.web.endings > 1 or now > give_up):
                say("The web server does not start. Its reason stands above.")
                code = 1
                break
            if self.cluster and now > next_bound:
                self.cluster.bound_logs()
                next_bound = now + 60
        self.stop()
        return code

    def announced(self) -> bool:
        if not self.web.process or not answers(self.plan.host, self.plan.port):
            return False
        say(self.plan.ready)
        return True

    def tend_database(self) -> None:
        """Start PostgreSQL again when it is gone; the web server reconnects by itself."""
        if not self.cluster:
            return
        if self.cluster.is_running:
            return
        self.reap_database()
        say("PostgreSQL ended by itself; starting it again.")
        try:
            self.cluster.start()
            self.server_pid = self.cluster.pid()
        except ServerFailed as error:
            say(str(error))
            self.signals.wait(5)

    def stop(self) -> None:
        """Web first, so that what it accepted is committed; the database last."""
        say("Stopping ...")
        self.worker.ask()
        self.web.stop(self.signals, 35)
        self.worker.stop(self.signals, 15)
        if self.cluster:
            self.cluster.stop()
            self.reap_database()
        say("Stopped.")

    def reap_database(self) -> None:
        """`up` started it before it became this program, which is its parent nevertheless."""
        if self.server_pid:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.server_pid, os.WNOHANG)


def main() -> int:
    signals = StopSignals()
    plan = Plan.received(int(sys.argv[1]))
    try:
        return Supervisor(plan, signals).run()
    except ServerFailed as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
