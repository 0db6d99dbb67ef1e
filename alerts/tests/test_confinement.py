"""What a confined process may do: each is tried in one of its own, for there is no way back."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from loghandler.tests.running import ROOT

_BEGIN = """
import os, socket, subprocess, sys, syslog, ctypes, _socket
from alerts.channels.confinement import Confinement
from loghandler.outbound.addresses import Guard
confinement = Confinement(Guard(sys.argv[1:2]))
confinement.begin()
port = int(sys.argv[2])
try:
    {statement}
    print("done")
except OSError:
    print(confinement.refused[0])
"""


def tried(statement: str, allowed: str = "10.0.0.0/8", port: int = 9) -> str:
    code = _BEGIN.format(statement=statement)
    done = subprocess.run(
        [sys.executable, "-c", code, allowed, str(port)],
        capture_output=True, text=True, cwd=ROOT, check=True,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.mark.parametrize(
    "statement",
    [
        "socket.create_connection(('localhost', port))",
        "socket.socket().connect(('127.1', port))",
        "socket.socket().connect((b'\\x31\\x32\\x37\\x2e\\x31', port))",
        "socket.socket().connect_ex(('127.0.0.1', port))",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('localhost', port))",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', 0, ('127.0.0.1', port))",
        "socket.socket(type=socket.SOCK_DGRAM).sendmsg([b'x'], [], 0, ('127.0.0.1', port))",
        "socket.socket(socket.AF_INET6).connect(('::ffff:127.0.0.1', port))",
        "_socket.socket().connect(('127.0.0.1', port))",
    ],
)
def test_no_socket_reaches_what_the_guard_refuses(statement: str) -> None:
    assert tried(statement) == "127.0.0.1 is a loopback address, which this server does not ask"


@pytest.mark.parametrize(
    "statement",
    [
        "_socket.socket().connect(('localhost', port))",
        "socket.socket(socket.AF_UNIX).connect('/run/dbus/system_bus_socket')",
    ],
)
def test_what_can_not_be_checked_is_refused(statement: str) -> None:
    assert tried(statement) == "It may only ask addresses of the internet"


def test_what_is_allowed_is_reached_by_name_and_number() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for host in ("localhost", "127.0.0.1"):
            statement = f"socket.socket().connect(({host!r}, port))"
            assert tried(statement, "127.0.0.0/8", port) == "done"


@pytest.mark.parametrize(
    "statement",
    [
        "subprocess.run(['true'])", "os.system('true')", "os.fork()", "syslog.syslog('x')",
        "ctypes.CDLL('libc.so.6')",
    ],
)  # fmt: skip
def test_no_program_is_run(statement: str) -> None:
    assert tried(statement) == "It may not use programs of this server"


def test_files_of_this_server_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    link = tmp_path / "link"
    link.symlink_to(secret)
    for path in (secret, link, Path("/etc/passwd"), ROOT / "manage.py", Path("/proc/self/environ")):
        assert tried(f"open({str(path)!r})") == "It may not read files of this server"
    python = Path(subprocess.__file__)
    assert tried(f"open({str(python)!r})") == "done"
    round_about = f"{python.parent}{'/..' * len(python.parts)}/etc/passwd"
    assert tried(f"open({round_about!r})") == "It may not read files of this server"


@pytest.mark.parametrize(
    "statement",
    [
        "open('new', 'w')", "os.remove('old')", "os.rename('old', 'new')", "os.mkdir('new')",
        "os.symlink('old', 'new')", "os.link('old', 'new')", "os.truncate('old', 0)",
        "os.chmod('old', 0)", "__import__('sqlite3').connect('new')",
    ],
)  # fmt: skip
def test_files_of_this_server_are_not_written(statement: str, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.write_text("x")
    statement = f"os.chdir('{tmp_path}'); {statement}"
    code = _BEGIN.format(statement=statement).replace("confinement.refused[0]", "sys.exc_info()[1]")
    done = subprocess.run(
        [sys.executable, "-c", code, "10.0.0.0/8", "9"],
        capture_output=True, text=True, cwd=ROOT, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "It may not write files of this server"
    assert [*tmp_path.iterdir()] == [old]
    assert old.read_text() == "x"
