"""Code to paste that sends events or requests, with the address and the key of an application."""

import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

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
_MODULE = _Piece("Save this as log_events.py beside your program:", "log_events.txt", _PYTHON)
_PIECES = {
    ("curl", "curl"): [_Piece("Paste this into a terminal:", "curl.txt", shlex.quote)],
    ("python", "Python"): [
        _MODULE,
        _Piece("Put this at the start of your program:", "python.txt", _PYTHON),
    ],
    ("django", "Django"): [
        _Piece("Save this as log_events.py beside manage.py:", "log_events.txt", _PYTHON),
        _Piece("Add this to settings.py, or its handler to your LOGGING:", "django.txt", _PYTHON),
        _Piece("Try it:", "django_try.txt", shlex.quote),
    ],
    ("flask", "Flask"): [
        _MODULE,
        _Piece("Put this after app = Flask(…):", "flask.txt", _PYTHON),
    ],
    ("fastapi", "FastAPI"): [
        _MODULE,
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
        _Piece("pip install fastapi-analytics, and after app = FastAPI(…):", "requests_fastapi.txt",
               _PYTHON),
    ],
    ("requests-flask", "Flask"): [
        _Piece("pip install api-analytics flask, and after app = Flask(…):", "requests_flask.txt",
               _PYTHON),
    ],
    ("requests-django", "Django"): [
        _Piece("pip install api-analytics, and at the end of settings.py:", "requests_django.txt",
               _PYTHON),
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


def ways(url: str, key: str = NO_KEY) -> list[Way]:
    """All ways to send events to the address; raises ValueError for what can't be a key."""
    return _filled(_PIECES, {"EVENTS_URL": url}, key)


def request_ways(server_url: str, url: str, key: str = NO_KEY) -> list[Way]:
    """Ways to send requests: with API Analytics' clients to the server, or as JSON to `url`.

    Raises ValueError for what can't be a key.
    """
    return _filled(_REQUEST_PIECES, {"SERVER_URL": server_url, "REQUESTS_URL": url}, key)


def _filled(
    pieces_of: Mapping[tuple[str, str], Sequence[_Piece]], addresses: Mapping[str, str], key: str
) -> list[Way]:
    if not _KEY.fullmatch(key):
        raise ValueError("This is no ingest key.")
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
