"""Code to paste that sends events or requests, with the address and the key of an application."""

import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dashboard.client_wheel import wheel

NO_KEY = "YOUR_INGEST_KEY"
_TEXTS = Path(__file__).with_name("snippet_texts")
# It stands between quotes of any language.
_KEY = re.compile(r"[0-9A-Za-z_]+")


@dataclass(frozen=True, slots=True)
class Step:
    """What to do with a piece of code, and the code."""

    says: str
    code: str


@dataclass(frozen=True, slots=True)
class Way:
    """One way to send."""

    name: str
    title: str
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True)
class _Piece:
    says: str
    file: str
    quoted: Callable[[str], str]  # an address as a literal of the language


# The literals of Python and JavaScript that JSON has too.
_PYTHON = _JAVASCRIPT = json.dumps
_CLIENT = _Piece("Install the client:", "client.txt", shlex.quote)
_PIECES = {
    ("curl", "curl"): [_Piece("Paste this into a terminal:", "curl.txt", shlex.quote)],
    ("python", "Python"): [
        _CLIENT,
        _Piece("Put this at the start of your program:", "python.txt", _PYTHON),
    ],
    ("django", "Django"): [
        _CLIENT,
        _Piece("Add this to settings.py, or its handler to your LOGGING:", "django.txt", _PYTHON),
        _Piece("Try it:", "django_try.txt", shlex.quote),
    ],
    ("flask", "Flask"): [
        _CLIENT,
        _Piece("Put this after app = Flask(…):", "flask.txt", _PYTHON),
    ],
    ("fastapi", "FastAPI"): [
        _CLIENT,
        _Piece("Put this after app = FastAPI(…):", "fastapi.txt", _PYTHON),
    ],
    ("node", "Node"): [
        _Piece("Save this as log-events.mjs:", "log_events_mjs.txt", _JAVASCRIPT),
        _Piece("Put this at the start of your program, an ES module:", "node.txt", _JAVASCRIPT),
    ],
    ("http", "HTTP and agents"): [
        _Piece("Whatever speaks HTTP can send. Give this to whoever writes it:", "agents.txt", str)
    ],
}
WAYS = [name for name, _title in _PIECES]
_REQUEST_PIECES = {
    ("requests-fastapi", "FastAPI"): [
        _CLIENT,
        _Piece("Put this after app = FastAPI(…):", "requests_fastapi.txt", _PYTHON),
    ],
    ("requests-flask", "Flask"): [
        _CLIENT,
        _Piece("Put this after app = Flask(…):", "requests_flask.txt", _PYTHON),
    ],
    ("requests-django", "Django"): [
        _CLIENT,
        _Piece("Put this at the end of settings.py:", "requests_django.txt", _PYTHON),
    ],
    ("requests-express", "Express"): [
        _Piece("npm install node-api-analytics, and after const app = express():",
               "requests_express.txt", _JAVASCRIPT),
    ],
    ("requests-curl", "curl"): [
        _Piece("Paste this into a terminal:", "requests_curl.txt", shlex.quote)
    ],
}  # fmt: skip
REQUEST_WAYS = [name for name, _title in _REQUEST_PIECES]


def ways(server: str, application_id: int, key: str = NO_KEY) -> list[Way]:
    """All ways to send events to a server; raises ValueError for what can't be a key."""
    return _filled(_PIECES, server, application_id, key)


def request_ways(server: str, application_id: int, key: str = NO_KEY) -> list[Way]:
    """All ways to send requests; raises ValueError for what can't be a key."""
    return _filled(_REQUEST_PIECES, server, application_id, key)


def _filled(
    pieces_of: Mapping[tuple[str, str], Sequence[_Piece]],
    server: str,
    application_id: int,
    key: str,
) -> list[Way]:
    if not _KEY.fullmatch(key):
        raise ValueError("This is no ingest key.")
    server = server.rstrip("/")
    addresses = {
        "SERVER_URL": server,
        "EVENTS_URL": f"{server}/apps/{application_id}/events",
        "REQUESTS_URL": f"{server}/apps/{application_id}/requests",
        "WHEEL_URL": f"{server}/client/{wheel().name}",
    }
    return [
        Way(name, title, [Step(piece.says, _code(piece, addresses, key)) for piece in pieces])
        for (name, title), pieces in pieces_of.items()
    ]


def _code(piece: _Piece, addresses: Mapping[str, str], key: str) -> str:
    filled = {word: piece.quoted(address) for word, address in addresses.items()}
    filled["INGEST_KEY"] = key
    return re.sub("|".join(filled), lambda found: filled[found[0]], _text(piece.file))


@cache
def _text(file: str) -> str:
    return (_TEXTS / file).read_text("utf-8")
