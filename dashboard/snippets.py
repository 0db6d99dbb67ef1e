"""Code to paste that sends events: with the address and the key of an application inside."""

import json
import re
import shlex
from collections.abc import Callable, Sequence
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
    """One way to send events."""

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


def ways(url: str, key: str = NO_KEY) -> list[Way]:
    """All ways to send events to the address; raises ValueError for what can't be a key."""
    if not _KEY.fullmatch(key):
        raise ValueError("This is no ingest key.")
    return [
        Way(name, title, [Step(piece.says, _code(piece, url, key)) for piece in pieces])
        for (name, title), pieces in _PIECES.items()
    ]


def _code(piece: _Piece, url: str, key: str) -> str:
    filled = {"EVENTS_URL": piece.quoted(url), "INGEST_KEY": key}
    return re.sub("|".join(filled), lambda found: filled[found[0]], _text(piece.file))


@cache
def _text(file: str) -> str:
    return (_TEXTS / file).read_text("utf-8")
