"""PHP: `#0 file(12): call()` below `Type: message in file:12`, also as Monolog writes it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from events.stacks import CAUSED_BY, ExceptionInfo, Frame, is_own

_CALL = re.compile(
    r"#\d+ (?:(?P<file>[^\s].*?)\((?P<line>\d{1,9})\)|\[internal function\]): (?P<call>.+)"
)
_MAIN = re.compile(r"#\d+ \{main\}")
_FUNCTION = re.compile(r"(?:[^({]|\{[^}]*\})+")
_PLACE = re.compile(r" in (?P<file>\S[^:]*(?::[^:\d][^:]*)?):(?P<line>\d{1,9})$")
_TYPE = re.compile(
    r"(?:PHP )?(?:[\w ]+error: +)?(?:Uncaught )?(?P<type>[A-Za-z_\\][\w\\@]*)(?:: (?P<value>.*))?$",
    re.DOTALL,
)
_MONOLOG = re.compile(
    r"\[object\] \((?P<type>[\w\\@]+)\(code: ?[^)]*\): (?P<value>.*)"
    r" at (?P<file>[^\s:][^:]*(?::[^:\d][^:]*)?):(?P<line>\d{1,9})\)?$",
    re.DOTALL,
)
_LABELS = ("Stack trace:", "[stacktrace]", "")
_OUTER = "Next "  # __toString() tells the cause first
_CAUSE = "[previous exception]"  # Monolog tells it last


@dataclass
class _Block:
    heading: list[str] = field(default_factory=list)
    calls: list[re.Match[str]] = field(default_factory=list)
    main: bool = False


def read(lines: Sequence[str]) -> list[ExceptionInfo]:
    found: list[ExceptionInfo] = []
    for block in _blocks(lines):
        exception = _exception(block)
        heading = "".join(block.heading)
        if heading.startswith(_OUTER) and found:
            found[0] = replace(found[0], relation=CAUSED_BY)
            found.insert(0, exception)
        else:
            relation = CAUSED_BY if heading.startswith(_CAUSE) and found else None
            found.append(replace(exception, relation=relation))
    return found


def _blocks(lines: Sequence[str]) -> list[_Block]:
    blocks = [_Block()]
    for line in lines:
        call, main = _CALL.match(line), _MAIN.match(line)
        if call:
            blocks[-1].calls.append(call)
        elif main:
            blocks[-1].main = True
        else:
            if blocks[-1].calls or blocks[-1].main:
                blocks.append(_Block())
            if line not in _LABELS:
                blocks[-1].heading.append(line)
    return [block for block in blocks if block.calls or (block.main and block.heading)]


def _exception(block: _Block) -> ExceptionInfo:
    heading = "\n".join(block.heading).removeprefix(_OUTER)
    place = _MONOLOG.search(heading)
    named: re.Match[str] | None = place
    if not place and (place := _PLACE.search(heading)):
        heading = heading[: place.start()]
    named = named or _TYPE.match(heading)
    type_ = named["type"].replace("\\\\", "\\") if named else None  # Monolog writes JSON
    value = named["value"] if named else heading
    return ExceptionInfo(type_, value or None, tuple(_frames(place, block)))


def _frames(raised: re.Match[str] | None, block: _Block) -> list[Frame]:
    """PHP names a call and where it is made; a frame is where a function is at the time."""
    functions = [_FUNCTION.match(call["call"]) for call in block.calls]
    names = [function[0].replace("\\\\", "\\") if function else None for function in functions]
    names += ["{main}"] * block.main
    frames = []
    for place, name in zip_longest([raised, *block.calls], names):
        file = place["file"] if place else None
        line = int(place["line"]) if place and place["line"] else None
        if file or name:
            own = is_own(file) if file else not place  # a call of PHP's own functions has no file
            frames.append(Frame(file=file, line=line, function=name, own=own))
    return frames
