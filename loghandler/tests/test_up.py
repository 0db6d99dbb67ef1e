import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import OperationalError

from loghandler import preparation
from loghandler.tests.running import Running, children, eventually, running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for the tests of this file, in whatever order and process they run."""
    return tmp_path_factory.mktemp("up") / "data"


@pytest.fixture
def instance(folder: Path) -> Iterator[Running]:
    """A start that is not the first."""
    if not folder.exists():
        Running(folder).ready().stop()
    with running(folder) as started:
        yield started


def gone(*pids: int) -> bool:
    """Whether these have ended; whoever inherited one may leave it a zombie for a while."""
    states = [Path(f"/proc/{pid}/stat") for pid in pids]
    return not any(state.exists() and ") Z " not in state.read_text() for state in states)


def test_the_first_start_serves_and_sigterm_ends_it_cleanly(folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data" if folder.exists() else folder
    with running(folder) as instance:
        said = instance.said()
        assert re.search(r"as admin, password \S{12,}", said)
        assert instance.status("/livez") == 200
        assert instance.status("/readyz") == 200
        assert (folder.stat().st_mode & 0o777, len(list(folder.glob("*.sock")))) == (0o700, 0)
        assert (folder / "secret_key").stat().st_mode & 0o777 == 0o600

        pasted = re.search(r"^curl -i .*$", said, re.MULTILINE)
        assert pasted
        answered = subprocess.run(["sh", "-c", pasted[0]], capture_output=True, check=True)
        assert b" 201 " in answered.stdout.split(b"\n")[0]

        silent = http.client.HTTPConnection("127.0.0.1", instance.port)
        silent.request("GET", "/livez")  # kept alive: it must not hold the stop
        silent.getresponse().read()
        pids = (instance.postgres_pid(), instance.child("gunicorn"))
        before = time.monotonic()
        assert instance.stop(signal.SIGTERM) == 0
        assert time.monotonic() - before < 10
        silent.close()
    assert gone(*pids)
    assert "Stopped." in instance.said()


def test_a_second_start_keeps_what_is_there_and_ctrl_c_ends_it(instance: Running) -> None:
    said = instance.said()
    assert "as admin, password" not in said
    assert "create_key" in said
    postgres = instance.postgres_pid()
    assert instance.stop(signal.SIGINT) == 0
    assert gone(postgres)


def test_it_starts_after_everything_was_killed(folder: Path) -> None:
    killed = Running(folder).ready()
    killed.kill_everything()
    with running(folder, port=killed.port) as instance:
        assert instance.status("/readyz") == 200


def test_it_starts_after_only_the_supervisor_was_killed(folder: Path) -> None:
    killed = Running(folder).ready()
    postgres = killed.postgres_pid()
    os.kill(killed.process.pid, signal.SIGKILL)
    killed.process.wait()
    with running(folder, port=killed.port) as instance:
        assert instance.status("/readyz") == 200
        assert instance.postgres_pid() == postgres


def test_what_dies_is_started_again(instance: Running) -> None:
    assert eventually(lambda: instance.child("worker"))
    web, postgres = instance.child("gunicorn"), instance.postgres_pid()
    worker = instance.child("worker")
    for pid in (*children(web), web, worker, postgres):
        os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: "PostgreSQL ended by itself" in instance.said())
    assert eventually(lambda: instance.said().count("ended by itself") == 3)
    assert eventually(lambda: instance.child("gunicorn") not in (0, web))
    assert eventually(lambda: instance.child("worker") not in (0, worker))
    assert eventually(lambda: instance.status("/readyz") == 200)


def test_a_second_one_on_the_same_folder_is_refused_and_one_beside_it_is_not(
    instance: Running, unprivileged: dict[str, object]
) -> None:
    same = Running(instance.folder)
    assert same.process.wait(10) == 1
    assert "runs already on" in same.said()

    with tempfile.TemporaryDirectory(prefix="lh-") as common:
        Path(common).chmod(0o777)
        beside = Path(common) / "data"
        busy = Running(beside, port=instance.port, **unprivileged)  # type: ignore[arg-type]
        assert busy.process.wait(10) == 1
        assert f"PORT={instance.port + 1} make run" in busy.said()
        with running(beside, **unprivileged) as other:
            assert other.status("/readyz") == 200
            assert instance.status("/readyz") == 200
            uid = Path(f"/proc/{other.postgres_pid()}").stat().st_uid
        assert uid != 0
        assert other.process.returncode == 0


@pytest.fixture(scope="module")
def unprivileged() -> dict[str, object]:
    """How to start Python as someone who is not root: as we are, or as nobody."""
    if os.geteuid() != 0:
        return {}
    version = f"python3.{sys.version_info.minor}"
    for python in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        try:
            subprocess.run([python, "-c", ""], user="nobody", check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        packages = sysconfig.get_paths()["purelib"]
        return {
            "python": (python, "-B"),
            "user": "nobody",
            "PYTHONPATH": packages,
        }
    pytest.skip(f"No Python {version} that the user nobody may run: {sys.executable} is closed.")


def test_an_open_api_on_a_public_address_is_refused(tmp_path: Path) -> None:
    refused = Running(tmp_path / "data", HOST="0.0.0.0")  # noqa: S104
    assert refused.process.wait(10) == 1
    assert "loghandler.E003" in refused.said()
    assert not (tmp_path / "data" / "postgres").exists()


def test_a_database_that_does_not_answer_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent:
        def ensure_connection(self) -> None:
            raise OperationalError("connection refused")

    monkeypatch.setattr(preparation, "connection", Silent())
    said: list[str] = []
    with pytest.raises(preparation.DatabaseSilent, match="connection refused"):
        preparation.await_database(said.append, patience=0)


def test_the_port_of_someone_else_is_not_taken(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = Running(folder, port=taken.getsockname()[1])
        assert refused.process.wait(10) == 1
        assert "can't be used" in refused.said()
