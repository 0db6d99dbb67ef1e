"""A stack as the event's page shows it: own code open, library code folded. Pure, and bounded."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile
from typing import Any

from dashboard.page_room import Room, beginning
from events.display import hidden_escaped
from events.frames import readable
from events.raw import pretty_json
from events.stacks import CodeLine, ExceptionInfo, Frame

_FRAMES_BYTES = 110_000
_TEXT_BYTES = 60_000
_TEXT_BESIDE_FRAMES_BYTES = 20_000
# Of the markup around what a sender wrote.
_EXCEPTION_BYTES = 700
_CALL_BYTES = 420
_CODE_BYTES, _CODE_LINE_BYTES = 260, 45
_VARIABLES_BYTES, _VARIABLE_BYTES = 220, 70

_LONGEST_NAME = 200
_LONGEST_VALUE = 3_000
_LONG_VALUE = 600
_LONGEST_LINE = 500
_LONGEST_VARIABLE = 400
_LINES_AROUND = 6  # before the current line, and after it
_MOST_OPEN = 4  # calls of each exception


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A frame; `is_open`: its code shows without a click."""

    function: str
    place: str
    own: bool
    code: Sequence[CodeLine] = ()
    variables: Sequence[tuple[str, str]] = ()
    is_open: bool = False
    is_last: bool = False  # of the own calls: the one where it most likely went wrong


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive calls, all of own code or all of libraries."""

    own: bool
    calls: Sequence[Call]
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An exception, and its calls with the most recent one first."""

    relation: str | None  # of the one before it to this one
    type: str
    value: str
    runs: Sequence[Run]
    left_out: int  # frames

    @property
    def is_long(self) -> bool:
        """Whether the value is more than a few lines."""
        return len(self.value) > _LONG_VALUE or self.value.count("\n") > _LONG_VALUE // 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStack:
    exceptions: Sequence[Raised]
    left_out: int  # exceptions
    text: str  # of the sender, or the JSON that nothing could be read from
    text_is_cut: bool
    is_json: bool


def shown_stack(stack: Any) -> ShownStack | None:
    """What the page shows of an event's stack; None where it has none."""
    found = readable(stack)
    if not found.exceptions and found.text is None and found.raw is None:
        return None
    is_json = found.raw is not None
    text = _json(found.raw) if is_json else found.text or ""
    most = _TEXT_BESIDE_FRAMES_BYTES if found.exceptions else _TEXT_BYTES
    text, text_is_cut = beginning(text, most)
    return ShownStack(
        exceptions=_exceptions(found.exceptions),
        left_out=found.exceptions_left_out,
        text=text,
        text_is_cut=text_is_cut,
        is_json=is_json,
    )


def _json(value: Any) -> str:
    return hidden_escaped(pretty_json(value, _TEXT_BYTES + 1)[0])


def _exceptions(exceptions: Sequence[ExceptionInfo]) -> list[Raised]:
    """The exceptions, each with room in proportion to its frames."""
    weights = [len(exception.frames) + 2 for exception in exceptions]
    return [
        _exception(exception, Room(_FRAMES_BYTES * weight // sum(weights)))
        for exception, weight in zip(exceptions, weights, strict=True)
    ]


def _exception(exception: ExceptionInfo, room: Room) -> Raised:
    room.spend(_EXCEPTION_BYTES)
    type_ = room.text(exception.type or "", _LONGEST_NAME)
    value = room.text(exception.value or "", min(_LONGEST_VALUE, room.left // 2))
    calls = _calls(exception.frames, room)
    has_own = any(call.own for call in calls)
    return Raised(
        relation=exception.relation,
        type=type_,
        value=value,
        runs=[
            Run(own, list(run), is_open=not has_own)
            for own, run in groupby(calls, key=lambda call: call.own)
        ],
        left_out=exception.frames_left_out + len(exception.frames) - len(calls),
    )


def _calls(frames: Sequence[Frame], room: Room) -> list[Call]:
    """First where each call is, then the code of own ones, and at last what libraries tell."""
    calls: list[Call] = []
    half = room.left // 2
    for frame in frames:
        if room.left < half or not room.spend(_CALL_BYTES):
            break
        calls.append(_call(frame, room))
    own = [place for place, call in enumerate(calls) if call.own]
    libraries = [place for place, call in enumerate(calls) if not call.own]
    for place in own:
        code = _code(frames[place].code, room)
        calls[place] = replace(calls[place], code=code, is_open=place in own[:_MOST_OPEN])
    for place in own:
        variables = _variables(frames[place].variables, room)
        calls[place] = replace(calls[place], variables=variables, is_last=place == own[0])
    for place in libraries:
        code = _code(frames[place].code, room)
        variables = _variables(frames[place].variables, room)
        calls[place] = replace(calls[place], code=code, variables=variables)
    return calls


def _call(frame: Frame, room: Room) -> Call:
    numbers = (frame.file, frame.line, frame.column)
    place = ":".join(str(part) for part in numbers if part is not None)
    # A path tells as much as the module does.
    module = None if frame.file and ("/" in frame.file or "\\" in frame.file) else frame.module
    function = ".".join(part for part in (module, frame.function) if part)
    return Call(
        function=room.text(function, _LONGEST_NAME),
        place=room.text(place, _LONGEST_NAME),
        own=frame.own,
    )


def _code(lines: Sequence[CodeLine], room: Room) -> Sequence[CodeLine]:
    """The lines around the current one: all of them, or none where there is no room."""
    current = next((n for n, line in enumerate(lines) if line.current), len(lines) // 2)
    lines = lines[max(current - _LINES_AROUND, 0) : current + _LINES_AROUND + 1]
    if not lines or not room.spend(_CODE_BYTES + _CODE_LINE_BYTES * len(lines)):
        return ()
    margin = _margin([line.text for line in lines if line.text.strip()])
    return [replace(line, text=room.text(line.text[margin:], _LONGEST_LINE)) for line in lines]


def _margin(texts: Sequence[str]) -> int:
    """How many columns of white space all of the texts begin with."""
    indents = sorted(text[: len(text) - len(text.lstrip(" \t"))] for text in texts)
    if not indents:
        return 0
    pairs = zip(indents[0], indents[-1], strict=False)  # the others lie between these
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _variables(variables: Sequence[tuple[str, str]], room: Room) -> Sequence[tuple[str, str]]:
    if not variables or not room.spend(_VARIABLES_BYTES + _VARIABLE_BYTES * len(variables)):
        return ()
    return [
        (room.text(name, _LONGEST_NAME), room.text(value, _LONGEST_VARIABLE))
        for name, value in variables
    ]
