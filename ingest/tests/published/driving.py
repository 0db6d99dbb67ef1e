"""A small service with a published client in it, and what is asked of it: real requests.

Each module beside this one serves the same three paths on a free port. Run with SERVER_URL, KEY and
PRIVACY_LEVEL in the environment; sends what the client has gathered before the process ends.
"""

import os
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta

from loghandler.tests.running import eventually

SERVER_URL = os.environ.get("SERVER_URL", "")
KEY = os.environ.get("KEY", "")
PRIVACY_LEVEL = int(os.environ.get("PRIVACY_LEVEL", "0"))
# What is asked, and the status of the answer.
ASKED = [("/items/1", 200), ("/items/2", 200), ("/missing", 404), ("/users/update", 201)]
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"


def drive(port: int) -> None:
    """Ask for everything; before the last request a minute has passed since the client posted."""
    from api_analytics import core

    for position, (path, status) in enumerate(ASKED):
        if position == len(ASKED) - 1:
            core._last_posted = datetime.now() - timedelta(seconds=61)  # noqa: DTZ005  as it does
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}")
        request.add_header("User-Agent", AGENT)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                answered = response.status
        except urllib.error.HTTPError as error:
            answered = error.code
        assert answered == status, (path, answered)
        if position < len(ASKED) - 1:  # Tornado's notes a request after its answer
            assert eventually(lambda: len(core._requests) > position, 10)  # noqa: B023
    assert eventually(lambda: not core._requests, 10)
    for thread in threading.enumerate():
        if "_post_requests" in thread.name:  # a daemon, as the thread that started it
            thread.join(10)


def serve_in_thread(serve: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return thread
