"""The client that Log Handler itself serves: what pip would build of the checkout, and installs."""

import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest
from django.test import Client

from dashboard.client_wheel import wheel
from ingest.tests.serving import App, served
from loghandler.tests.running import ROOT

CLIENT = ROOT / "clients" / "python"


def run(folder: Path, *command: str) -> str:
    """What it says; with nothing of ours in its environment, and no network."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "PIP_NO_INDEX": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def contents(wheel: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """The Python of an environment with nothing in it, not even pip."""
    folder = tmp_path / "empty"
    run(tmp_path, sys.executable, "-m", "venv", "--without-pip", str(folder))
    return folder / "bin" / "python"


def test_pip_installs_it_from_the_running_server_and_it_sends(empty: Path, tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--python", str(empty)]
    with served(tmp_path, LOGHANDLER_API_ACCESS="open") as server:
        address = f"http://127.0.0.1:{server.port}"
        run(tmp_path, *pip, "install", f"{address}/client/{wheel().name}")
        assert "loghandler-client" in run(tmp_path, *pip, "list")
        run(tmp_path, *pip, "uninstall", "--yes", "loghandler-client")
        links = f"{address}/client/"
        run(tmp_path, *pip, "install", "--find-links", links, "loghandler-client")
        assert run(tmp_path, *pip, "check").strip() == "No broken requirements found."
        http = server.http()
        app = App.created(http, "installed")
        told = ["--url", address, "--key", app.key]
        said = run(tmp_path, str(empty), "-m", "loghandler_client", "test", *told)
        assert said.count("is stored") == 2
        assert app.messages(http) == ["A test of loghandler_client"]
        http.close()


def test_it_is_what_the_build_of_the_checkout_makes(tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(CLIENT, source, ignore=shutil.ignore_patterns("*.egg-info", "build", "tests"))
    pip = [sys.executable, "-m", "pip"]
    run(tmp_path, *pip, "wheel", "--no-deps", "--no-build-isolation", "-w", "built", str(source))
    (built,) = (tmp_path / "built").iterdir()
    assert built.name == wheel().name
    theirs, ours = contents(built.read_bytes()), contents(wheel().content)
    assert {name for name in ours if name.endswith(".py")}
    assert ours.keys() == {name for name in theirs if not name.endswith("top_level.txt")}
    for name in ours:
        if ".dist-info/" not in name:
            assert ours[name] == theirs[name], name
    (metadata,) = (name for name in ours if name.endswith("METADATA"))
    wanted, found = message_from_bytes(theirs[metadata]), message_from_bytes(ours[metadata])
    assert sorted(found.items()) == sorted(wanted.items())
    assert found.get_payload() == wanted.get_payload()


def test_anybody_may_have_it_and_proxies_may_keep_it() -> None:
    answer = Client().get(f"/client/{wheel().name}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert "max-age=86400" in answer["Cache-Control"]
    assert answer.content == wheel().content


def test_the_same_sources_make_the_same_wheel() -> None:
    first = wheel()
    wheel.cache_clear()
    assert wheel() == first


@pytest.mark.parametrize("name", ["loghandler_client-0.0.0-py3-none-any.whl", "..%2fmanage.py"])
def test_nothing_else_is_there(name: str) -> None:
    assert Client().get(f"/client/{name}").status_code == 404


def test_the_documentation_names_the_version_that_is_served() -> None:
    named = re.findall(r"/client/(loghandler_\S+)", (ROOT / "docs/send-events.md").read_text())
    assert named == [wheel().name]
