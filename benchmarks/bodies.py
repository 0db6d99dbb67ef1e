"""The events that are sent, and the scripts by which wrk sends them."""

import json
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

OCCURRED_AT = datetime.now(UTC).isoformat(timespec="milliseconds")
MESSAGES = 50
ARRAY = 500
HEAD = """
    wrk.method = "POST"
    wrk.headers["X-INGEST-KEY"] = os.getenv("KEY")
    wrk.headers["Content-Type"] = "application/json"
    local file = io.open(os.getenv("BODY"), "rb")
    local body = file:read("*a")
    math.randomseed(tonumber(os.getenv("SEED")))
    local run = math.random(1, 2^31 - 1)
    local number = 0
"""
SCRIPTS = {
    "same": "wrk.body = body",
    "gzip": 'wrk.body = body\nwrk.headers["Content-Encoding"] = "gzip"',
    # A new id for each event.
    "ids": """
    function request()
      number = number + 1
      local id = string.format('{"event_id":"%08x-0000-4000-8000-%012x",', run, number)
      return wrk.format(nil, nil, nil, id .. body:sub(2))
    end
    """,
    # The numbers that end the messages, anew in each array: all distinct, in every run, or the same
    # fifty. Both are as long, so that wrk and the network have the same to do.
    "distinct": """
    local function renumbered()
      number = number + 1
      return string.format("no. %08x%08x", run, number)
    end
    function request() return wrk.format(nil, nil, nil, (body:gsub("no%. %d+", renumbered))) end
    """,
    "fifty": """
    local function renumbered()
      number = number + 1
      return string.format("no. %016d", number % 50)
    end
    function request() return wrk.format(nil, nil, nil, (body:gsub("no%. %d+", renumbered))) end
    """,
    # Pauses of random length, as independent senders make them; their mean is given.
    "paced": """
    wrk.body = body
    local mean = tonumber(os.getenv("PAUSE"))
    function delay() return math.floor(-mean * math.log(1 - math.random()) + 0.5) end
    """,
}
# wrk prints its own report in rounded figures; this line is read.
DONE = """
    function done(summary, latency, requests)
      local e = summary.errors
      print(string.format('RESULT {"requests": %d, "microseconds": %d, "failed": %d, ' ..
        '"p50": %f, "p99": %f, "mean": %f}', summary.requests, summary.duration,
        e.connect + e.read + e.write + e.status + e.timeout,
        latency:percentile(50), latency:percentile(99), latency.mean))
    end
"""


def event(number: int = 0) -> dict[str, Any]:
    """An event of 0.4 KB."""
    return {
        "level": "ERROR",
        "message": f"Payment failed for an order in the checkout, no. {number % MESSAGES:016}",
        "stack": "Traceback (most recent call last):\n  File 'app.py', line 3, in pay\n",
        "tags": {"service": "checkout", "region": "eu-west-1", "customer": "4711"},
        "environment": "production",
        "release": "1.4.2",
        "logger": "shop.checkout",
        "server_name": "web-3.shop.internal",
        "occurred_at": OCCURRED_AT,
    }


def large_event(number: int = 0, frames: int = 32) -> dict[str, Any]:
    """An event of 6 KB: its stack has frames with local variables, no two events the same."""
    random = Random(number)
    return event(number) | {"stack": {"frames": [_frame(line, random) for line in range(frames)]}}


def _frame(number: int, random: Random) -> dict[str, Any]:
    return {
        "file": f"/srv/shop/checkout/{random.choice(['models', 'views', 'payment', 'api'])}.py",
        "line": random.randrange(900),
        "function": f"{random.choice(['pay', 'load', 'send', 'check'])}_{number}",
        "context": f"    answer = self.client.post(url, json=order_{random.randrange(9)})",
        "vars": {"order": f"{random.getrandbits(64):x}", "attempt": random.randrange(5)},
    }


def write_scripts(folder: Path) -> None:
    for name, lines in SCRIPTS.items():
        script = textwrap.dedent(HEAD) + textwrap.dedent(lines) + textwrap.dedent(DONE)
        (folder / f"{name}.lua").write_text(script)


def encoded(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
