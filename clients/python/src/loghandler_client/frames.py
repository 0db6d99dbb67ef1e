"""Exceptions as the `stack` of an event: chains and groups, frames, context lines, locals.

What can change later is taken where the exception is met (`taken`); the rest, which takes longer,
where it is sent (`described`).
"""

from __future__ import annotations

import linecache
from types import TracebackType
from typing import Any, Iterator, List, NamedTuple, Optional

from loghandler_client.masking import HIDDEN, Masking

MOST_FRAMES = 100  # of one exception: the outermost and the innermost ones
MOST_EXCEPTIONS = 50  # of a chain or group, and in all
CONTEXT_LINES = 5  # before the line, and after it
LONGEST_LINE = 500
LONGEST_VALUE = 10_000
_MOST_LOCALS, _LONGEST_LOCAL = 40, 200


class Call(NamedTuple):
    """A frame, as it was when the exception was met."""

    file: str
    function: str
    line: int
    module: Optional[str]
    variables: Optional[dict[str, str]]


class Taken(NamedTuple):
    """An exception and what it leads to."""

    type: str
    module: str
    value: str
    calls: List[Call]
    left_out: int
    cause: Optional[Taken]
    context: Optional[Taken]
    parts: List[Taken]


def taken(
    error: BaseException, masking: Optional[Masking] = None, *, local_values: bool = False
) -> Taken:
    """An exception as it is now. `local_values` of each frame are told, secrets `masking` hides."""
    return _taken(error, masking if local_values else None, set())


def _taken(error: BaseException, masking: Optional[Masking], seen: set[int]) -> Taken:
    seen.add(id(error))
    calls, left_out = _calls(error.__traceback__, masking)
    cause, context = error.__cause__, error.__context__
    parts = getattr(error, "exceptions", None)  # of an ExceptionGroup, also the backported one

    def other(one: Optional[BaseException]) -> Optional[Taken]:
        if one is None or id(one) in seen or len(seen) >= MOST_EXCEPTIONS:
            return None
        return _taken(one, masking, seen)

    return Taken(
        type=type(error).__name__,
        module=type(error).__module__,
        value=_said(error),
        calls=calls,
        left_out=left_out,
        cause=other(cause),
        context=None if cause is not None or error.__suppress_context__ else other(context),
        parts=[found for part in parts if (found := other(part))]
        if isinstance(parts, (list, tuple)) and all(isinstance(p, BaseException) for p in parts)
        else [],
    )


def _said(error: BaseException) -> str:
    try:
        return str(error)[:LONGEST_VALUE]
    except Exception:
        return "(its text can't be told)"


def _calls(
    traceback: Optional[TracebackType], masking: Optional[Masking]
) -> tuple[list[Call], int]:
    steps = list(_steps(traceback))
    left_out = max(len(steps) - MOST_FRAMES, 0)
    if left_out:
        half = MOST_FRAMES // 2
        steps = steps[:half] + steps[-half:]
    return [_call(step, masking) for step in steps], left_out


def _steps(traceback: Optional[TracebackType]) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _call(step: TracebackType, masking: Optional[Masking]) -> Call:
    frame = step.tb_frame
    code = frame.f_code
    variables = None if masking is None else _variables(frame.f_locals, masking)
    function = getattr(code, "co_qualname", code.co_name)
    return Call(
        code.co_filename, function, step.tb_lineno, frame.f_globals.get("__name__"), variables
    )


def _variables(values: dict[str, Any], masking: Masking) -> dict[str, str]:
    found = {}
    for name, value in list(values.items())[:_MOST_LOCALS]:
        if not name.startswith("__"):
            found[name] = HIDDEN if masking.is_secret(name) else _shown(value)
    return found


def _shown(value: Any) -> str:
    try:
        return repr(value)[:_LONGEST_LOCAL]
    except Exception:
        return f"<{type(value).__name__}>"


# --- As it is sent ------------------------------------------------------------------------------


def described(error: Taken, masking: Masking) -> dict[str, Any]:
    """The JSON of `stack`: names that the server reads as it reads Sentry's."""
    found: dict[str, Any] = {
        "type": error.type if error.module == "builtins" else f"{error.module}.{error.type}",
        "value": masking.text(error.value),
        "frames": [_frame(call, masking) for call in error.calls],
    }
    if error.left_out:
        found["frames_left_out"] = error.left_out
    if error.cause is not None:
        found["cause"] = described(error.cause, masking)
    if error.context is not None:
        found["__context__"] = described(error.context, masking)
    if error.parts:
        found["exceptions"] = [described(part, masking) for part in error.parts]
    return found


def _frame(call: Call, masking: Masking) -> dict[str, Any]:
    found: dict[str, Any] = {
        "filename": call.file,
        "function": call.function,
        "lineno": call.line,
    }
    if call.module:
        found["module"] = call.module
    lines = linecache.getlines(call.file)
    if 0 < call.line <= len(lines):
        at = call.line - 1
        first = max(at - CONTEXT_LINES, 0)
        shown = [masking.code(_line(line)) for line in lines[first : at + 1 + CONTEXT_LINES]]
        found["pre_context"] = shown[: at - first]
        found["context_line"] = shown[at - first]
        found["post_context"] = shown[at - first + 1 :]
    if call.variables:
        found["vars"] = {name: masking.text(text) for name, text in call.variables.items()}
    return found


def _line(line: str) -> str:
    return line.rstrip("\r\n")[:LONGEST_LINE]
