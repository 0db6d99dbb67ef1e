"""What the services of the tests have in common: how they tell, and what they answer.

A service reads its settings from the environment, so that it runs under any server. Each answers

- `/items/<int>`: `item <int>`
- `/echo`: the body, with 201
- `/stream/<int>`: so many pieces, PIECE seconds apart
- `/boom/<text>`: raises ValueError, `/logged/<text>` too, after it has logged it
- `/cut/<text>`: raises ValueError after two pieces of its body
- `/refused`: an error that the service answers itself with 418, `/broken` one with 503
- `/-/stats`: what the client counted, after all that was told is sent; itself it is not told
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterator
from typing import Any

from loghandler_client import Client, LogHandler, shared
from loghandler_client.requests import Config

URL, KEY = os.environ["CLIENT_URL"], os.environ["CLIENT_KEY"]
PIECE = 0.05
STATS = "/-/stats"


class Refused(Exception):
    """Answered with 418."""


class Broken(Exception):
    """Answered with 503."""


def _wrong(_request: Any) -> str:
    raise LookupError("A mapper that fails.")


def _agent(request: Any) -> str:
    """The user agent as a framework's request has it, or a plain environ, in capitals."""
    if isinstance(request, dict):
        return str(request["HTTP_USER_AGENT"]).upper()
    headers = {name.lower(): value for name, value in request.headers.items()}
    return str(headers["user-agent"]).upper()


def config() -> Config:
    told: dict[str, Any] = json.loads(os.environ.get("CLIENT_CONFIG", "{}"))
    mappers = ("path", "ip_address", "hostname", "user_agent", "user_id", "route")
    if told.pop("wrong_mappers", False):
        told.update({f"get_{name}": _wrong for name in mappers})
    if told.pop("agent_mapper", False):
        told["get_user_agent"] = _agent
    options = {"event_seconds": 0.05, "request_seconds": 0.05}
    return Config(server_url=URL, left_out=[STATS], client_options=options, **told)


def client() -> Client:
    return shared(URL, KEY)


def log() -> None:
    """Send what is logged, too."""
    if os.environ.get("CLIENT_LOGS"):
        logging.getLogger().addHandler(LogHandler(client=client()))


def pieces(count: int) -> Iterator[bytes]:
    for number in range(count):
        if number:
            time.sleep(PIECE)
        yield b"piece %d\n" % number


def cut(text: str) -> Iterator[bytes]:
    yield b"one"
    yield b"two"
    raise ValueError(text)


def boom(text: str) -> str:
    time.sleep(0.02)  # others come meanwhile
    raise ValueError(text)


def logged(text: str) -> str:
    try:
        return boom(text)
    except ValueError:
        logging.getLogger("service").exception("It failed: %s", text)
        raise


def stats() -> str:
    time.sleep(0.05)  # the answers before were received, perhaps not told yet
    client().flush()
    return json.dumps([os.getpid(), *client().stats])
