"""Hides secrets before anything leaves the process: by the name of a value, and by its shape."""

from __future__ import annotations

import re
from typing import Any, Iterable, Mapping

HIDDEN = "[hidden]"
# Parts of names whose values are nobody's business.
NAMES = (
    "password", "passwd", "passphrase", "secret", "token", "authorization", "cookie", "api_key",
    "apikey", "access_key", "private_key", "ingest_key", "session_id", "sessionid", "csrf",
    "credential", "credit_card", "card_number", "cvv", "ssn",
)  # fmt: skip
_NAME_ENDS = ("_pw", "_pwd", "_pin")
_WHOLE_NAMES = ("pw", "pwd", "pin", "auth", "key", "sid")
_DEEPEST, _MOST_ITEMS = 8, 200

_NAMED = r"""(?ix)
    \b ([\w-]* (?:password|passwd|secret|token|api[_-]?key|access[_-]?key) [\w-]*)
    (["']?\s*[:=]\s*)"""
_PAIR = re.compile(_NAMED + r"""(["']?) ([^\s"'&,;)}\]]+)""")
# In code a secret is a literal; names and expressions are what one wants to read.
_LITERAL = re.compile(_NAMED + r"""(["']) .*? \3""")
_IN_TEXTS = (
    (_PAIR, rf"\1\2\3{HIDDEN}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[a-z0-9._~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://[^\s:/@]*):[^\s/@]+@"), rf"\1:{HIDDEN}@"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"), HIDDEN),  # a JSON Web Token
    (re.compile(r"\b(?:\d[ -]?){12,15}\d\b"), HIDDEN),  # a card's number
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END|\Z)", re.DOTALL), HIDDEN),
)


class Masking:
    """What is hidden: the usual names and shapes, and those that an application adds."""

    def __init__(self, names: Iterable[str] = (), patterns: Iterable[str] = ()) -> None:
        more = [re.escape(_plain(name)) for name in (*NAMES, *names)]
        ends = "|".join(map(re.escape, _NAME_ENDS))
        whole = "|".join(map(re.escape, _WHOLE_NAMES))
        self._name = re.compile(rf"{'|'.join(more)}|(?:{ends})$|^(?:{whole})$")
        own = [(re.compile(pattern), HIDDEN) for pattern in patterns]
        self._texts = (*_IN_TEXTS, *own)
        self._code = ((_LITERAL, rf"\1\2\3{HIDDEN}\3"), *_IN_TEXTS[1:], *own)

    def is_secret(self, name: str) -> bool:
        """Whether a value of this name is hidden."""
        return bool(self._name.search(_plain(name)))

    def text(self, text: str) -> str:
        """A text without what looks like a secret."""
        return _hidden(self._texts, text)

    def code(self, line: str) -> str:
        """A line of a program without the secrets that are written into it."""
        return _hidden(self._code, line)

    def value(self, value: Any, depth: int = 0) -> Any:
        """A value of JSON without secrets; what is deeper or longer than anybody reads is cut."""
        if isinstance(value, str):
            return self.text(value)
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if depth >= _DEEPEST:
            return "…"
        if isinstance(value, Mapping):
            return self.named(value, depth)
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self.value(item, depth + 1) for item in list(value)[:_MOST_ITEMS]]
        return self.text(str(value))

    def named(self, values: Mapping[Any, Any], depth: int = 0) -> dict[str, Any]:
        """Values by name; those of secret names are hidden."""
        found = {}
        for name, value in list(values.items())[:_MOST_ITEMS]:
            name = str(name)
            found[name] = HIDDEN if self.is_secret(name) else self.value(value, depth + 1)
        return found


def _hidden(patterns: Iterable[tuple[re.Pattern[str], str]], text: str) -> str:
    for pattern, instead in patterns:
        text = pattern.sub(instead, text)
    return text


def _plain(name: str) -> str:
    """`X-Api-Key` and `apiKey` are `x_api_key` and `api_key`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower()
