"""What is measured: PostgreSQL as the product starts it, its web server, the bare one, and wrk."""

import json
import math
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import randbelow

import psycopg

from benchmarks import bodies, processes
from benchmarks.machine import ROOT
from loghandler.postgres import Cluster

DATABASE = "loghandler"
APPLICATION = "shop"
PATIENCE = 60  # seconds in which a process ends that is asked to


class Failed(Exception):
    """A measurement that means nothing; the message says why."""


@dataclass(frozen=True)
class Length:
    """How long a run is measured, and how long the service is warmed up before, in seconds."""

    run: float
    warm_up: float
    rounds: int = 3
    full: bool = False  # with as many events as the goals speak of


@dataclass(frozen=True)
class Load:
    """What wrk sends: by which script, over how many connections, the body from which file."""

    script: str
    connections: int
    body: Path | None = None
    events: int = 1  # in each request, of what is counted in the table
    path: str = "/apps/{application}/events"
    table: str = "events_event"


@dataclass(frozen=True)
class Run:
    """What one run of wrk brought; times in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    mean: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


@dataclass(frozen=True)
class Done:
    """What a run did, and the CPU seconds that it took."""

    run: Run
    events: int  # that were answered and are stored; of the bare view: only answered
    web: float
    database: float

    @property
    def rate(self) -> float:
        return self.events / self.run.seconds


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Web:
    """A gunicorn under the product's own configuration."""

    def __init__(self, process: "subprocess.Popen[str]", port: int, application: int) -> None:
        self.pid = process.pid
        self.port = port
        self.application = application
        self.events_url = self.url(Load("", 0))

    def url(self, load: Load) -> str:
        path = load.path.format(application=self.application)
        return f"http://127.0.0.1:{self.port}{path}"


class Service:
    """One database with one application, and the folder with what is sent to it."""

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        """In a folder that holds a service already, as a copy does, this is that service."""
        self.folder = folder
        self.cluster = cluster
        self.url = cluster.url(DATABASE)
        self.environment = {
            **os.environ,
            "DATABASE_URL": self.url,
            "LOGHANDLER_DATA": str(folder),
            "LOGHANDLER_SECRET_KEY": "of-a-benchmark-" * 4,
            "LOGHANDLER_API_ACCESS": "open",
            "HOST": "127.0.0.1",
        }
        created = folder / "application.json"
        if not created.exists():
            self.python("manage.py", "prepare")
            words = ["create_application", APPLICATION, "--json"]
            created.write_text(self.python("manage.py", *words))
            bodies.write_scripts(folder)
        application = json.loads(created.read_text())
        self.application: int = application["id"]
        self.key: str = application["ingest_key"]

    def python(self, *words: str, url: str | None = None) -> str:
        """Run Python in the checkout; returns what it printed."""
        environment = self.environment | {"DATABASE_URL": url or self.url}
        with child([sys.executable, *words], environment, subprocess.PIPE) as process:
            output, complaint = process.communicate()
        if process.returncode:
            raise Failed(f"{' '.join(words)}:\n{complaint[-2000:]}")
        return output

    def fill(self, events: int, url: str | None = None) -> None:
        """Give the application a history of 90 days."""
        words = ["--events", str(events), "--days", "90", "--messages", "200"]
        self.python("-m", "benchmarks.filling", *words, "--name", APPLICATION, url=url)

    def filled_database(self, name: str, events: int) -> str:
        """Another database, in which the application has so many events; its address."""
        with psycopg.connect(self.cluster.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {DATABASE}")
        url = self.cluster.url(name)
        self.fill(events, url)
        return url

    def body(self, name: str, content: bytes) -> Path:
        (self.folder / name).write_bytes(content)
        return self.folder / name

    def stored(self, table: str) -> int:
        """Rows in the table, once what was on its way has arrived."""
        found, earlier = -1, -2
        with psycopg.connect(self.url, autocommit=True) as connection:
            while found != earlier:
                time.sleep(0.05)
                row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
                found, earlier = (int(row[0]) if row else 0), found
        return found

    @contextmanager
    def web(self, module: str = "loghandler.wsgi", **environment: str) -> Iterator[Web]:
        """The product's web server, or the bare one, until the end of the block."""
        port = free_port()
        command = [sys.executable, "-m", "gunicorn", "-c", "loghandler/gunicorn.py", module]
        with child(command, self.environment | {"PORT": str(port)} | environment) as process:
            await_answer(f"http://127.0.0.1:{port}/livez", process)
            yield Web(process, port, self.application)

    @contextmanager
    def both(self) -> Iterator[tuple[Web, Web]]:
        """Ours and the bare one, side by side: the one that is not asked does nothing."""
        settings = {"DJANGO_SETTINGS_MODULE": "benchmarks.bare_settings"}
        with self.web() as ours, self.web("benchmarks.bare", **settings) as bare:
            yield ours, bare

    def stored_by(
        self,
        web: Web,
        load: Load,
        length: Length,
        meanwhile: AbstractContextManager[None] = nullcontext(),  # noqa: B008  (has no state)
    ) -> Done:
        """Send for a while, after a warm-up, and count what was stored.

        What was stored after wrk had left does not count, as with the bare view. Raises Failed
        where less is stored than was answered.
        """
        self.wrk(web.url(load), load, length.warm_up)
        before = self.stored(load.table)
        with meanwhile:
            done = self._done(web, load, length)
        stored = self.stored(load.table) - before
        if stored < done.events:
            raise Failed(f"{done.events:,} events were answered, and {stored:,} stored.")
        return done

    def answered_by(self, web: Web, load: Load, length: Length) -> Done:
        """The same of a service that stores nothing."""
        self.wrk(web.url(load), load, length.warm_up)
        return self._done(web, load, length)

    def _done(self, web: Web, load: Load, length: Length) -> Done:
        web_cpu, database_cpu = processes.cpu_seconds(web.pid), self.database_cpu()
        run = self.wrk(web.url(load), load, length.run)
        web_cpu = processes.cpu_seconds(web.pid) - web_cpu
        database_cpu = self.database_cpu() - database_cpu
        return Done(run, run.requests * load.events, web_cpu, database_cpu)

    def database_cpu(self) -> float:
        return processes.cpu_seconds(self.cluster.pid() or 0)

    def wrk(self, url: str, load: Load, seconds: float, **environment: str) -> Run:
        """Send for so many seconds. wrk counts whole ones: for less it is told to stop early."""
        whole = math.ceil(seconds)
        with self.started_wrk(url, load, whole, **environment) as process:
            if seconds < whole:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(seconds)
                process.send_signal(signal.SIGINT)
            return finished(process)

    @contextmanager
    def started_wrk(
        self, url: str, load: Load, seconds: int, **environment: str
    ) -> "Iterator[subprocess.Popen[str]]":
        command = ["wrk", "-t1", f"-c{load.connections}", f"-d{seconds}s", "--timeout=20s"]
        command += ["-s", str(self.folder / f"{load.script}.lua"), url]
        sent = {"KEY": self.key, "BODY": str(load.body or ""), "SEED": str(randbelow(2**31))}
        with child(command, self.environment | sent | environment, subprocess.PIPE) as process:
            yield process


def finished(process: "subprocess.Popen[str]") -> Run:
    """What wrk measured. Raises Failed where an answer was not 2xx, or did not come."""
    output = process.communicate()[0]
    found = [line for line in output.splitlines() if line.startswith("RESULT ")]
    if not found:
        raise Failed(f"wrk did not end as it should:\n{output}")
    result: Mapping[str, float] = json.loads(found[0].removeprefix("RESULT "))
    if result["failed"]:
        raise Failed(f"{result['failed']:,} requests failed:\n{output}")
    return Run(
        requests=int(result["requests"]),
        seconds=result["microseconds"] / 1e6,
        **{name: result[name] / 1000 for name in ("p50", "p99", "mean")},
    )


@contextmanager
def child(
    command: Sequence[str], environment: Mapping[str, str], output: int | None = None
) -> "Iterator[subprocess.Popen[str]]":
    """A process of which nothing is left at the end of the block, however it ends."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=output,
        stderr=output,
        text=True,
        start_new_session=True,  # Ctrl-C reaches the harness alone, which stops all in order
    )
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        with suppress(ProcessLookupError):  # as it should be
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def await_answer(url: str, process: "subprocess.Popen[str]", patience: float = 60) -> None:
    """Return when something answers there, whatever it answers."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=1)  # noqa: S310  (an address of ours)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise Failed(f"Nothing answers at {url}.")
