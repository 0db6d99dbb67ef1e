"""Tracebacks that were sent as text: one file per language's way of writing them. Pure.

A reader takes lines and returns exceptions, the outermost first, their frames with the most recent
call first; nothing where the text is not clearly of its kind. Its regular expressions take time in
proportion to a line's length, whatever is in it.
"""

from events.display import without_colours
from events.stacks import ExceptionInfo
from events.tracebacks import dotnet, go, java, javascript, php, python, ruby

_READERS = (python.read, go.read, php.read, ruby.read, java.read, javascript.read, dotnet.read)
_MOST_LINES = 20_000  # nobody reads longer ones frame by frame
_LONGEST_LINE = 2_000


def exceptions(text: str) -> list[ExceptionInfo]:
    """The exceptions that a text tells of; none where it is not clearly a traceback."""
    if text.count("\n") > _MOST_LINES:
        return []
    lines = [_bounded(line) for line in without_colours(text).split("\n")]
    return next((found for read in _READERS if (found := read(lines))), [])


def _bounded(line: str) -> str:
    return line.rstrip() if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] + "…"
