"""Templates of paths, `/users/{id}`, from what frameworks write instead."""

from __future__ import annotations

import re
from typing import Optional

_CONVERTED = re.compile(r"<(?:[^>]*:)?([^>:]+)>")
_FILTERED = re.compile(r"<(\w*)(?::\w*(?::(?:\\.|[^\\>])+)?)?>")
_BRACES = re.compile(r"\{(\w+):(?:[^{}]|\{[^{}]*\})*\}")
_REST = re.compile(r"\*(\w+)$")
_NAMED = re.compile(r"\(\?P<(\w+)>")
_MORE = re.compile(r"[*+\[\]{}|.]|\\[dDsSwWbB]")


def of_converters(rule: str) -> str:
    """`/users/{id}` of Django's and Werkzeug's `/users/<int:id>`."""
    return _CONVERTED.sub(r"{\1}", rule)


def of_regex(pattern: str) -> Optional[str]:
    r"""`/users/{id}` of `^/users/(?P<id>[0-9]+)$`; groups without a name are `{value}`.

    None where more than the groups can be anything: that is no template.
    """
    found, at = "", 0
    while at < len(pattern):
        if pattern[at] == "(":
            named = _NAMED.match(pattern, at)
            found += f"{{{named[1]}}}" if named else "{value}"
            at = _end_of_group(pattern, at)
            continue
        end = at + 2 if pattern[at] == "\\" else at + 1
        part = pattern[at:end]
        if _MORE.fullmatch(part):
            return None
        found += "" if part in {"^", "$", "?", "\\A", "\\Z"} else part[-1]
        at = end
    return found


def _end_of_group(pattern: str, start: int) -> int:
    depth, at = 0, start
    while at < len(pattern):
        if pattern[at] == "\\":
            at += 1
        elif pattern[at] == "[":  # a ) in it closes nothing
            at = max(pattern.find("]", at + 2), at)
        elif pattern[at] == "(":
            depth += 1
        elif pattern[at] == ")":
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    return at


def of_filters(rule: str) -> str:
    """`/users/{id}` of Bottle's `/users/<id:int>` and `/users/<id:re:[0-9]+>`."""
    return _FILTERED.sub(lambda found: f"{{{found[1] or 'value'}}}", rule)


def of_braces(template: str) -> str:
    """`/users/{id}` of Pyramid's and Falcon's `/users/{id:[0-9]{4}}`; `{rest}` of `*rest`."""
    return "/" + _REST.sub(r"{\1}", _BRACES.sub(r"{\1}", template)).lstrip("/")
