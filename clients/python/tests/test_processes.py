"""Forks, short scripts and exits in the middle: what a process has told arrives once."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path

import pytest
from clients.python.tests.relay import Relay
from clients.python.tests.service import SOURCE
from clients.python.tests.test_sending import messages
from ingest.tests.serving import App, Http


def run(relay: Relay, app: App, code: str, *, status: int = 0) -> str:
    """Run a program that has a `client`."""
    begin = f"""
        import sys; sys.path.insert(0, {str(SOURCE)!r})
        from loghandler_client import *
        client = Client({relay.url!r}, {app.key!r})
    """
    program = textwrap.dedent(begin) + textwrap.dedent(code)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == status, done.stderr
    return done.stderr


def test_a_short_script_sends_all_before_it_ends(relay: Relay, http: Http, app: App) -> None:
    run(relay, app, "for number in range(700): client.event(f'event {number}')")
    found = messages(http, app)
    assert (len(found), found.total()) == (700, 700)


@pytest.mark.parametrize(
    ("end", "status"),
    [("sys.exit(3)", 3), ("raise SystemExit", 0), ("1 / 0", 1), ("import time; time.sleep(0)", 0)],
)
def test_so_does_one_that_ends_in_the_middle(
    relay: Relay, http: Http, app: App, end: str, status: int
) -> None:
    run(relay, app, f"client.event('Ending')\n{end}", status=status)
    assert messages(http, app) == {"Ending": 1}


def test_what_is_told_at_exit_is_sent(relay: Relay, http: Http, app: App) -> None:
    code = """
        import atexit
        client.event('Now')
        atexit.register(lambda: client.event('At exit'))
    """
    run(relay, app, code)
    assert messages(http, app) == {"Now": 1, "At exit": 1}


def test_a_script_ends_though_the_server_is_away(relay: Relay, app: App) -> None:
    relay.close()
    code = """
        import time; began = time.monotonic()
        import atexit; atexit.register(lambda: print(time.monotonic() - began))
        client.sender._settings = client.sender._settings._replace(exit_seconds=1.0)
        client.event('Nobody hears')
    """
    assert "does not take events" in run(relay, app, code)


def test_forked_processes_send_their_own_and_nothing_twice(
    relay: Relay, http: Http, app: App
) -> None:
    code = """
        import os, time
        client.event('parent before')
        children = []
        for number in range(4):
            child = os.fork()
            if not child:
                for each in range(50): client.event(f'child {number}/{each}')
                client.flush()
                os._exit(0)
            children.append(child)
        client.event('parent after')
        for child in children: os.waitpid(child, 0)
    """
    run(relay, app, code)
    told = [f"child {number}/{each}" for number in range(4) for each in range(50)]
    assert messages(http, app) == Counter(["parent before", "parent after", *told])


def test_a_fork_while_the_parent_sends(relay: Relay, http: Http, app: App) -> None:
    relay.mode, relay.seconds = "slow", 0.3
    code = """
        import os, time
        for each in range(600): client.event(f'parent {each}')
        time.sleep(0.1)  # its thread is waiting for the answer
        child = os.fork()
        client.event('from ' + ('parent' if child else 'child'))
        if child: os.waitpid(child, 0)
        else:
            client.flush(); os._exit(0)
    """
    run(relay, app, code)
    told = [f"parent {each}" for each in range(600)]
    assert messages(http, app) == Counter([*told, "from parent", "from child"])


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_of_multiprocessing(
    relay: Relay, http: Http, app: App, method: str, tmp_path: Path
) -> None:
    program = tmp_path / "pool.py"
    program.write_text(
        textwrap.dedent(f"""
        import sys; sys.path.insert(0, {str(SOURCE)!r})
        import multiprocessing
        from loghandler_client import Client
        client = Client({relay.url!r}, {app.key!r})

        def work(number):
            client.event(f"worked {{number}}")

        if __name__ == "__main__":
            context = multiprocessing.get_context({method!r})
            processes = [context.Process(target=work, args=[number]) for number in range(3)]
            for process in processes: process.start()
            for process in processes: process.join()
        """)
    )
    done = subprocess.run(
        [sys.executable, str(program)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert messages(http, app) == Counter(f"worked {number}" for number in range(3))
