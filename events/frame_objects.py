"""Frames that were sent as JSON objects, whatever the sender calls their fields. Pure."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from events.display import excerpt
from events.raw import compact_json
from events.stacks import CodeLine, Frame, is_own

Object = dict[str, Any]

MOST_CODE_LINES = 20  # before the current line, and after it
MOST_VARIABLES = 50
_LONGEST_NAME = 1_000
_LONGEST_CODE_LINE = 500
_LONGEST_VARIABLE = 1_000

# The first name that is there with a value of the right kind is taken.
_FILE = ("filename", "file", "fileName", "file_name", "abs_path", "absPath")
_PLACE = ("path", "source", "url")  # a file where there is a line, too
_LINE = ("lineno", "line", "line_number", "lineNumber", "line_no")
_COLUMN = ("colno", "column", "columnNumber", "column_number", "col")
_FUNCTION = ("function", "method", "functionName", "function_name", "methodName", "func")
_MODULE = ("module", "className", "classname", "class", "namespace", "package")
_CODE = ("context_line", "code", "source_line", "source", "line")
_VARIABLES = ("vars", "locals", "variables")
_SAYS_MORE = ("message", "value", "stack", "stacktrace", "frames", "traceback", "exc_value")
_PHP_CALLS = ("->", "::")
# What Sentry's clients and Python call things: they tell the oldest call first.
_OLDEST_FIRST = ("abs_path", "lineno", "context_line", "pre_context", "in_app", "vars")


def frames(items: Sequence[Any], most: int) -> tuple[list[Frame], int]:
    """The frames among the items, the most recent call first, and how many items were left out.

    Sentry's clients and Python tell the oldest call first, the others the most recent one.
    """
    found = [item for item in items if is_frame(item)]
    if found and _oldest_first(found):
        found.reverse()
    return [frame(item) for item in found[:most]], len(items) - min(len(found), most)


def is_frame(item: Any) -> bool:
    """Whether an object tells a place in code, rather than an exception or something else."""
    if not isinstance(item, dict) or any(name in item for name in _SAYS_MORE):
        return False
    if _text(item, _FILE) or "instruction_addr" in item:
        return True
    has_line = _number(item, _LINE) is not None
    if has_line and _text(item, _PLACE):
        return True
    return bool(_text(item, _FUNCTION)) and (has_line or bool(_text(item, _MODULE)))


def _oldest_first(items: Sequence[Object]) -> bool:
    first, last = items[0], items[-1]
    if last is not first and "<module>" in (_function(first), _function(last)):
        return _function(first) == "<module>"
    if "library_frame" in first:  # Elastic's clients borrow Sentry's names
        return False
    return any(name in first for name in _OLDEST_FIRST) or (_file(first) or "").endswith(".py")


def frame(item: Object) -> Frame:
    file, line = _file(item), _number(item, _LINE)
    function = _function(item)
    module = None if item.get("type") in _PHP_CALLS else _text(item, _MODULE)
    return Frame(
        file=file,
        line=line,
        column=_number(item, _COLUMN),
        function=function,
        module=module,
        code=_code(item, line),
        variables=_variables(item),
        own=_own(item, file, module, function),
    )


def _file(item: Object) -> str | None:
    return _text(item, _FILE) or _text(item, _PLACE)


def _function(item: Object) -> str | None:
    function = _text(item, _FUNCTION) or _text(item, ("name", "instruction_addr"))
    if function and item.get("type") in _PHP_CALLS:
        return f"{_text(item, ('class',)) or ''}{item['type']}{function}"
    return function


def _own(item: Object, file: str | None, module: str | None, function: str | None) -> bool:
    for name in ("in_app", "inProject"):
        if isinstance(item.get(name), bool):
            return bool(item[name])
    if isinstance(item.get("library_frame"), bool):
        return not item["library_frame"]
    return is_own(_text(item, ("abs_path", "absPath")) or file, module, function)


def _text(item: Object, names: Sequence[str]) -> str | None:
    for name in names:
        value = item.get(name)
        if isinstance(value, str) and value:
            return excerpt(value, _LONGEST_NAME)
    return None


def _number(item: Object, names: Sequence[str]) -> int | None:
    for name in names:
        value = item.get(name)
        if isinstance(value, str) and len(value) < 10 and value.isascii() and value.isdigit():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31:
            return value
    return None


# --- The code around a frame ---------------------------------------------------------------


def _code(item: Object, line: int | None) -> tuple[CodeLine, ...]:
    numbered = item.get("code")
    if isinstance(numbered, dict):  # {"12": "return x"}
        return _numbered_code(numbered, line)
    before = _lines(item.get("pre_context"))[-MOST_CODE_LINES:]
    after = _lines(item.get("post_context"))[:MOST_CODE_LINES]
    current = _current_code(item)
    texts = [*before, *([current] if current is not None else []), *after]
    if current is None:
        return tuple(CodeLine(None, _code_text(text), False) for text in texts)
    first = None if line is None else line - len(before)
    return tuple(
        CodeLine(None if first is None else first + n, _code_text(text), n == len(before))
        for n, text in enumerate(texts)
    )


def _current_code(item: Object) -> str | None:
    file = _file(item)
    for name in _CODE:
        value = item.get(name)
        if not isinstance(value, str) or not value.strip():
            continue
        if name in ("context_line", "code") or not (value.isdigit() or (file and file in value)):
            return value
    return None


def _lines(value: Any) -> list[str]:
    if isinstance(value, str):
        return value.split("\n")
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _numbered_code(numbered: dict[str, Any], line: int | None) -> tuple[CodeLine, ...]:
    most = 2 * MOST_CODE_LINES + 1
    lines = [
        (int(number), text)
        for number, text in islice(numbered.items(), most)
        if number.isascii() and number.isdigit() and len(number) < 10 and isinstance(text, str)
    ]
    return tuple(CodeLine(n, _code_text(text), n == line) for n, text in sorted(lines))


def _code_text(text: str) -> str:
    return excerpt(text.rstrip("\r\n"), _LONGEST_CODE_LINE)


def _variables(item: Object) -> tuple[tuple[str, str], ...]:
    variables: Object = next((item[n] for n in _VARIABLES if isinstance(item.get(n), dict)), {})
    shown = [
        (
            excerpt(str(name), _LONGEST_NAME),
            excerpt(value, _LONGEST_VARIABLE)
            if isinstance(value, str)
            else compact_json(value, _LONGEST_VARIABLE),
        )
        for name, value in islice(variables.items(), MOST_VARIABLES)
    ]
    if len(variables) > MOST_VARIABLES:
        shown.append(("…", f"{len(variables) - MOST_VARIABLES:,} more"))
    return tuple(shown)
