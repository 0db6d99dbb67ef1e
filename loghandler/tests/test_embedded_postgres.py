import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from loghandler import postgres
from loghandler.postgres import Cluster, ServerFailed

FORGETFUL = {"fsync": "off", "synchronous_commit": "off"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One data folder for all tests of this file: each starts it after its own accident."""
    folder = tmp_path_factory.mktemp("pg")
    cluster = Cluster(folder / "postgres", folder, FORGETFUL)
    yield cluster
    cluster.stop()


def answer(cluster: Cluster, query: str) -> object:
    with psycopg.connect(cluster.url("postgres")) as connection:
        row = connection.execute(query).fetchone()
        return row and row[0]


def test_a_started_server_answers_and_a_stopped_one_is_gone(made: Cluster) -> None:
    made.start()
    made.ensure_database("loghandler")
    made.ensure_database("loghandler")
    assert answer(made, "SELECT count(*) FROM pg_database WHERE datname = 'loghandler'") == 1
    assert answer(made, "SHOW listen_addresses") == ""
    assert answer(made, "SHOW timezone") == "UTC"
    assert answer(made, "SHOW fsync") == "off"
    assert answer(made, "SELECT count(*) FROM pg_file_settings WHERE error IS NOT NULL") == 0
    pid = made.pid()
    made.stop()
    assert not made.is_running
    assert not Path(f"/proc/{pid}").exists()


def test_durability_is_on_unless_asked_otherwise() -> None:
    assert not {"fsync", "synchronous_commit", "full_page_writes"} & set(postgres.SETTINGS)


def test_a_server_that_outlived_its_owner_is_adopted(made: Cluster) -> None:
    made.start()
    heir = Cluster(made.data, made.socket_folder, FORGETFUL)
    heir.start()
    assert heir.pid() == made.pid()
    heir.stop()
    made.stop()
    assert not made.is_running


def test_a_server_on_another_socket_is_started_anew(
    made: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> None:
    made.start()
    elsewhere = tmp_path_factory.mktemp("s")
    moved = Cluster(made.data, elsewhere, FORGETFUL)
    moved.start()
    assert answer(moved, "SELECT 1") == 1
    moved.stop()
    made.stop()


def test_a_pid_file_that_names_another_process_is_removed(made: Cluster) -> None:
    made.start()
    left = (made.data / "postmaster.pid").read_text().split("\n", 1)[1]
    made.stop()
    (made.data / "postmaster.pid").write_text(f"{os.getpid()}\n{left}")
    (made.socket_folder / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n{left}")
    assert not made.is_running
    made.start()
    assert answer(made, "SELECT 1") == 1


def test_backends_that_outlive_a_killed_server_are_ended(made: Cluster) -> None:
    made.start()
    pid = made.pid()
    assert pid
    with psycopg.connect(made.url("postgres")) as connection:
        backend = connection.info.backend_pid
        os.kill(backend, signal.SIGSTOP)  # it can't notice that its server dies
        os.kill(pid, signal.SIGKILL)
        made._child and made._child.wait()
        later = subprocess.Popen(["sh", "-c", f"sleep 0.5; kill -CONT {backend}"])
        made.start()
        later.wait()
    assert made.pid() != pid
    assert answer(made, "SELECT 1") == 1
    made.stop()


def test_a_half_made_folder_is_made_again(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / "postgres", tmp_path, FORGETFUL)
    (tmp_path / "postgres.making" / "base").mkdir(parents=True)
    cluster.start()
    assert answer(cluster, "SELECT 1") == 1
    cluster.stop()
    assert not (tmp_path / "postgres.making").exists()


def test_a_folder_of_another_postgresql_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(ServerFailed, match="made by PostgreSQL 16"):
        Cluster(tmp_path / "postgres", tmp_path).start()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "thesis.txt").write_text("mine")
    with pytest.raises(ServerFailed, match="Move it away"):
        Cluster(tmp_path / "postgres", tmp_path).start()


def test_a_socket_folder_of_someone_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "trap").symlink_to(tmp_path)
    with pytest.raises(ServerFailed, match="belongs to someone else"):
        Cluster(tmp_path / "data" / "postgres", tmp_path / "trap").start()


def test_a_short_socket_folder_is_for_us_only(tmp_path: Path) -> None:
    folder = tmp_path / "short"
    folder.mkdir(mode=0o755)
    Cluster(tmp_path / "data" / "postgres", folder)._secure_socket_folder()
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root needs another identity.")
def test_root_without_user_namespaces_runs_it_as_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    run = subprocess.run
    monkeypatch.setattr(
        subprocess,
        "run",
        lambda command, **options: run(
            ["false"] if command[0] == "unshare" else command,
            **options,
        ),
    )
    cluster = Cluster(tmp_path / "postgres", tmp_path, FORGETFUL)
    for _start in range(2):
        cluster.start()
        assert answer(cluster, "SELECT 1") == 1
        cluster.stop()
    assert cluster.data.stat().st_uid != 0
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_a_server_that_can_not_start_says_why(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / "postgres", tmp_path, {**FORGETFUL, "shared_buffers": "many"})
    with pytest.raises(ServerFailed, match="shared_buffers"):
        cluster.start()
    cluster.stop()


def test_a_log_that_outgrows_its_bound_is_emptied(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "log").mkdir(parents=True)
    log = tmp_path / "postgres" / "log" / "postgresql-Mon.log"
    log.touch()
    os.truncate(log, postgres.LOG_FILE_BYTES + 1)
    Cluster(tmp_path / "postgres", tmp_path).bound_logs()
    assert log.stat().st_size == 0


def test_starting_again_is_quick(made: Cluster) -> None:
    made.start()
    made.stop()
    before = time.monotonic()
    made.start()
    assert time.monotonic() - before < 5
    made.stop()
