"""Events as Markdown and as a curl command, whatever their senders wrote into them."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.display import visible
from events.models import Event
from events.sharing import curl, markdown

HOSTILE = (
    'it\'s "quoted" `id` $(touch stolen) ${HOME} $HOME \\ \\\' \\" ! !! %s ; & | > stolen\n'
    "EVENT\ntouch stolen\n'EVENT'\n<<EVENT\r\n\ttab \x1b[31mred\x1b[0m \x7f \x9b2J\n"
    "żółć 🙂 \ufffd \u202egnp.exe\u202c \u200f\u2066 שלום \u2028 \ufeff #{x} *?[a] ~ \x01"
)


def event(**fields: Any) -> Event:
    told = {
        "id": UUID("019aa5b2-3c00-7000-8000-000000000000"),
        "application_id": 7,
        "received_at": datetime(2026, 11, 21, 8, 0, 1, 250_000, UTC),
        "occurred_at": datetime(2026, 11, 21, 8, 0, 0, 125_000, UTC),
        "level": 40,
        "message": "Payment failed",
        "tags": {},
    }
    return Event(**told | fields)


# --- Markdown --------------------------------------------------------------------------


def test_markdown_tells_what_an_issue_needs() -> None:
    shown = markdown(
        event(
            stack=[{"filename": "pay.py", "lineno": 12, "function": "pay"}],
            tags={"service": "checkout", "attempt": 3},
            environment="production",
            release="1.4.2",
            user={"email": "alice@example.com"},
        ),
        "https://logs.example.com/events/1",
    )
    assert shown == (
        "## ERROR: `Payment failed`\n\n"
        "| Fact | Value |\n| --- | --- |\n| `Level` | `ERROR` |\n"
        "| `Occurred` | `2026-11-21 08:00:00.125 UTC` |\n"
        "| `Received` | `2026-11-21 08:00:01.250 UTC` |\n"
        "| `Environment` | `production` |\n| `Release` | `1.4.2` |\n"
        "| `Event` | `019aa5b2-3c00-7000-8000-000000000000` |\n\n"
        "**Stack**\n\n```text\n    at pay (pay.py:12)\n```\n\n"
        "| Tag | Value |\n| --- | --- |\n| `service` | `checkout` |\n| `attempt` | `3` |\n\n"
        "[Open in Log Handler](<https://logs.example.com/events/1>)\n"
    )


def test_markdown_has_the_whole_of_a_message_of_many_lines() -> None:
    shown = markdown(event(message="First line\nsecond line"))
    assert shown.startswith("## ERROR: `First line`\n")
    assert "**Message**\n\n```text\nFirst line\nsecond line\n```\n" in shown
    assert "**Message**" not in markdown(event(message="Only line\n"))


@pytest.mark.parametrize(
    ("stack", "shown"),
    [
        ("Traceback, so to say", "Traceback, so to say"),
        ({"steps": [1]}, '{\n  "steps": [\n    1\n  ]\n}'),
    ],
)
def test_markdown_shows_a_stack_that_is_no_frames_as_it_is(stack: Any, shown: str) -> None:
    assert f"```text\n{shown}\n```" in markdown(event(stack=stack))


PIECES = [
    "`",
    "```",
    "````",
    "\n```\n",
    "~~~",
    "|",
    "\\",
    "\\|",
    "\n",
    "\r",
    "#",
    "<",
    " ",
    "a",
    "\u202e",
]
hostile_text = st.lists(st.sampled_from(PIECES)).map("".join) | st.text()


@given(hostile_text.filter(bool))
def test_no_stack_closes_its_fence(stack: str) -> None:
    lines = markdown(event(stack=stack)).split("\n")
    start = lines.index("**Stack**") + 2
    fence = lines[start].removesuffix("text")
    closing = re.compile(rf" {{0,3}}{fence}`*\s*")  # CommonMark, section 4.5
    end = next(n for n in range(start + 1, len(lines)) if closing.fullmatch(lines[n]))
    assert "\n".join(lines[start + 1 : end]) == visible(stack)


@given(hostile_text.filter(lambda text: bool(text.strip())), hostile_text)
def test_no_tag_leaves_its_cell_and_no_message_its_title(name: str, value: str) -> None:
    shown = markdown(event(message=value, tags={name: value}))
    title, *rest = shown.split("\n")
    if title != "## ERROR: (no message)":
        ticks, *inner, end = re.findall("`+", title)  # CommonMark, section 6.1
        assert ticks == end
        assert ticks not in inner
        assert re.fullmatch("## ERROR: `.*`", title)
    row = rest[rest.index("| Tag | Value |") + 2]
    cells = re.sub(r"\\[!-/:-@\[-`{-~]", "", row)  # GFM's escapes
    assert cells.count("|") == 3
    assert (row[0], row[-1]) == ("|", "|")


def test_markdown_is_small_enough_for_an_issue() -> None:
    tags = {f"name {n}": "value " * 999 for n in range(500)}
    shown = markdown(event(message="m" * 10**6, stack="s" * 10**6, tags=tags, release="r"))
    assert len(shown) < 120_000


# --- curl ------------------------------------------------------------------------------


class Received(list[tuple[str, dict[str, str], bytes]]):
    """What a server was sent: paths, headers and bodies."""

    url: str


@pytest.fixture
def received() -> Iterator[Received]:
    requests = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            requests.append((self.path, dict(self.headers), body))
            self.send_response(201)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        requests.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield requests
        server.shutdown()
        thread.join()


def run(command: str, shell: str, folder: Path) -> None:
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "INGEST_KEY": "k1 'x' $(id)"}
    subprocess.run(
        [shell, "-c", command], cwd=folder, env=environment, check=True, capture_output=True
    )


needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")


@needs_curl
@pytest.mark.parametrize("shell", [s for s in ("sh", "bash", "zsh") if shutil.which(s)])
def test_the_command_sends_the_very_event_again_whatever_is_in_it(
    shell: str, received: Received, tmp_path: Path
) -> None:
    sent = event(
        message=HOSTILE,
        stack=[{HOSTILE: HOSTILE}],
        tags={HOSTILE: "'", "n": 1.5},
        release=HOSTILE[:100],
        user=HOSTILE,
        data={"note": HOSTILE, "'; touch stolen; '": None},
    )
    run(curl(sent, f"{received.url}/"), shell, tmp_path)
    ((path, headers, body),) = received
    assert (path, headers["X-INGEST-KEY"]) == ("/apps/7/events", "k1 'x' $(id)")
    assert json.loads(body) == {
        "message": HOSTILE,
        "level": "ERROR",
        "occurred_at": "2026-11-21T08:00:00.125000Z",
        "stack": sent.stack,
        "tags": sent.tags,
        "release": sent.release,
        "user": HOSTILE,
        "note": HOSTILE,
        "'; touch stolen; '": None,
    }
    assert not list(tmp_path.iterdir())


@needs_curl
def test_the_command_may_be_larger_than_an_argument(received: Received, tmp_path: Path) -> None:
    script = tmp_path / "send.sh"
    script.write_text(curl(event(message="x" * 1_000_000), received.url))
    run(f". {script}", "sh", tmp_path)
    assert len(json.loads(received[0][2])["message"]) == 1_000_000


@given(st.text(min_size=1), st.text())
def test_the_command_hides_nothing_and_ends_where_its_event_ends(message: str, tag: str) -> None:
    command = curl(event(message=message, tags={tag: message}), "https://logs.example.com")
    first, body, end, nothing = command.split("\n")
    assert first.startswith("curl https://logs.example.com/apps/7/events -H ")
    assert (end, nothing) == ("EVENT", "")
    assert json.loads(body)["message"] == message
    assert visible(body) == body


def test_the_address_is_quoted() -> None:
    assert curl(event(), "http://a.example/$(id) '").startswith(
        "curl 'http://a.example/$(id) '\"'\"'/apps/7/events' -H "
    )
