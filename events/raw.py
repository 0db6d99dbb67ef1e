"""JSON as text for a page: of any depth and size, in bounded time and space."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from events.display import excerpt

_DEEPEST_INDENT = 30  # levels; what is nested further stands below one another


def pretty_json(value: Any, most_characters: int) -> tuple[str, bool]:
    """The value as indented JSON, and whether it was cut at `most_characters`."""
    return _bounded(value, most_characters, _new_line, ",")


def compact_json(value: Any, most_characters: int) -> str:
    """The value as JSON in one line, cut at `most_characters`."""
    return _bounded(value, most_characters, lambda _: "", ", ")[0]


def _new_line(depth: int) -> str:
    return "\n" + "  " * min(depth, _DEEPEST_INDENT)


def _bounded(
    value: Any, most: int, new_line: Callable[[int], str], separator: str
) -> tuple[str, bool]:
    written: list[str] = []
    length = 0
    for piece in _pieces(value, most, new_line, separator):
        written.append(piece)
        length += len(piece)
        if length > most:
            return excerpt("".join(written), most), True
    return "".join(written), False


def _pieces(value: Any, most: int, new_line: Callable[[int], str], separator: str) -> Iterator[str]:
    """The JSON from its start; without recursion, for a value may be nested deeper than calls."""
    open_: list[tuple[Iterator[tuple[str, Any]], str]] = []
    before, item = "", value
    while True:
        if isinstance(item, dict) and item:
            yield before + "{"
            named = ((f"{_scalar(str(key), most)}: ", inner) for key, inner in item.items())
            open_.append((named, "}"))
            between = ""
        elif isinstance(item, list | tuple) and item:
            yield before + "["
            open_.append(((("", inner) for inner in item), "]"))
            between = ""
        else:
            yield before + _scalar(item, most)
            between = separator
        following = None
        while open_ and not (following := next(open_[-1][0], None)):
            end = open_.pop()[1]
            yield new_line(len(open_)) + end
            between = separator
        if not following:
            return
        before, item = between + new_line(len(open_)) + following[0], following[1]


def _scalar(value: Any, most: int) -> str:
    if isinstance(value, str):
        return json.dumps(value[: most + 1], ensure_ascii=False)
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):  # no JSON, or an integer of thousands of digits
        return '"…"'
