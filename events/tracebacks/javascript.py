"""JavaScript: V8's `at fn (file:1:2)`, and `fn@file:1:2` of Firefox and Safari."""

import re
from collections.abc import Sequence

from events.stacks import CAUSED_BY, PART_OF_GROUP, ExceptionInfo, Frame, is_own
from events.tracebacks.draft import headed

_RELATIONS = {"[cause]: ": CAUSED_BY, "[errors]: [": PART_OF_GROUP, "Caused by: ": CAUSED_BY}
_NO_FILE = re.compile(r"<anonymous>$|native$|wasm://")
_GECKO_FILE = re.compile(r"[a-z][a-z0-9+.-]*:(?://)?[^\s]|/|\[native code\]$")


def read(lines: Sequence[str]) -> list[ExceptionInfo]:
    return headed(lines, _v8_frame, _RELATIONS) or headed(lines, _gecko_frame, _RELATIONS)


def _v8_frame(line: str) -> Frame | None:
    """Source: https://v8.dev/docs/stack-trace-api#appendix%3A-stack-trace-format."""
    call = line.strip()
    if not call.startswith("at "):
        return None
    # What Node prints of an error's properties follows the last frame.
    call = call.removesuffix(" {").removesuffix(",")[3:]
    if not call.endswith(")"):
        return _frame(None, call.removeprefix("async "), certain=False)
    function, _, place = call[:-1].partition(" (")
    if place.startswith("index "):  # of Promise.all
        return Frame(function=call.removeprefix("async "), own=False)
    return _frame(function.removeprefix("async "), place, certain=bool(_NO_FILE.match(place)))


def _gecko_frame(line: str) -> Frame | None:
    function, at, place = line.strip().partition("@")
    if not at:
        function, place = "", function
    if not _GECKO_FILE.match(place):
        return None
    return _frame(function or None, place, certain=place == "[native code]")


def _frame(function: str | None, place: str, *, certain: bool) -> Frame | None:
    """A frame, where the place has a line and a column or is certainly one."""
    file, line, column = _parted(place)
    if not file or not (certain or column is not None):
        return None
    own = is_own(file)
    return Frame(file=file, line=line, column=column, function=function, own=own)


def _parted(place: str) -> tuple[str, int | None, int | None]:
    """File, line and column of `file:1:2` or `file:1`."""
    before, _, last = place.rpartition(":")
    if not before or (last_number := _number(last)) is None:
        return place, None, None
    file, _, line = before.rpartition(":")
    if not file or (line_number := _number(line)) is None:
        return before, last_number, None
    return file, line_number, last_number


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
