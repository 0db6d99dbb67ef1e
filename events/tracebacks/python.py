"""Python: `File "x.py", line 12, in f`, the oldest call first; chains and exception groups."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from events.stacks import (
    CAUSED_BY,
    DURING_HANDLING_OF,
    PART_OF_GROUP,
    CodeLine,
    ExceptionInfo,
    Frame,
    is_own,
)

_FILE = re.compile(r'\s*(?:> )?File "(?P<file>[^"]+)", line (?P<line>\d{1,9})(?:, in (?P<in>.*))?$')
_HEADER = re.compile(r"(?:Exception Group )?(?:Traceback|Stack) \(most recent call last\):$")
_REPEATED = re.compile(r"\s*\[Previous line repeated (?P<times>\d{1,9}) more times?\]$")
_SKIPPED_CODE = re.compile(r"\s*\.\.\.<(?P<lines>\d{1,9}) lines?>\.\.\.$")
_MOST_CODE = 20  # lines of one call
_MARKS = re.compile(r"[\s~^]*$")
_TYPE = re.compile(r"(?P<type>[^\W\d][\w.<>]*)(?::(?:\s(?P<value>.*))?)?$", re.DOTALL)
_CHAINS = {
    "The above exception was the direct cause of the following exception:": CAUSED_BY,
    "During handling of the above exception, another exception occurred:": DURING_HANDLING_OF,
}
# An exception group's members are drawn as a tree of `|`, `+` and numbered rules.
_GROUP = "Exception Group Traceback"
_BRANCH = re.compile(r" *[|+] ?")
_MEMBER = re.compile(r" *\+(?:-\+)?-{8,}(?: (?:\d+|\.\.\.) -{8,})?$")


def read(lines: Sequence[str]) -> list[ExceptionInfo]:
    if not any(map(_FILE.match, lines)) and not any(_GROUP in line for line in lines):
        return []
    reading = _Reading()
    grouped = any(_GROUP in line for line in lines)
    for line in lines:
        if grouped and _MEMBER.match(line):
            reading.finish()
            reading.message = []
        elif grouped and (branch := _BRANCH.match(line)):
            depth = branch[0].rstrip()[:-1].count(" ") // 2 - 1
            reading.read(line[branch.end() :], max(depth, 0))
        else:
            reading.read(line, 0)
    reading.finish()
    return reading.found


@dataclass
class _Reading:
    """How far a text is read. In a chain the cause comes first, in a group the parent."""

    found: list[ExceptionInfo] = field(default_factory=list)
    chains: dict[int, int] = field(default_factory=dict)  # at each depth, where the last begins
    relation: str | None = None  # of what is read to what was read before
    depth: int = 0
    in_frames: bool = False
    frames: list[Frame] = field(default_factory=list)
    repeated: int = 0
    message: list[str] | None = None

    def read(self, line: str, depth: int) -> None:
        if _HEADER.match(line) or (not self.in_frames and not self.message and _FILE.match(line)):
            self.finish()
            self.in_frames = True
        if line in _CHAINS:
            self.finish()
            self.relation = _CHAINS[line]
        elif self.message is not None:
            self.message.append(line)
        elif self.in_frames and not _HEADER.match(line):
            self._read_frame(line)
        self.depth = depth

    def _read_frame(self, line: str) -> None:
        if found := _FILE.match(line):
            self.frames.append(_frame(found))
        elif repeated := _REPEATED.match(line):
            self.repeated += int(repeated["times"])
        elif line[:1] not in ("", " "):
            self.message = [line]
        elif self.frames and len(self.frames[-1].code) < _MOST_CODE and not _MARKS.match(line):
            self.frames[-1] = _with_code(self.frames[-1], line)

    def finish(self) -> None:
        """Put what was read among what was found."""
        if self.frames or any(self.message or ()):
            self._place(_exception(self.frames, self.message or [], self.repeated))
            self.relation = None
        self.in_frames, self.frames, self.repeated, self.message = False, [], 0, None

    def _place(self, exception: ExceptionInfo) -> None:
        start = self.chains.get(self.depth)
        if self.relation and start is not None:
            earlier = self.found[start]
            self.found[start] = replace(earlier, relation=self.relation)
            self.found.insert(start, replace(exception, relation=earlier.relation))
        else:
            self.chains[self.depth] = len(self.found)
            relation = PART_OF_GROUP if self.depth else None
            self.found.append(replace(exception, relation=relation))


def _frame(found: re.Match[str]) -> Frame:
    file = found["file"]
    return Frame(file=file, line=int(found["line"]), function=found["in"], own=is_own(file))


def _with_code(frame: Frame, line: str) -> Frame:
    """The frame with one more line of its code; since Python 3.13 a call may have several."""
    number = frame.code[-1].number + 1 if frame.code and frame.code[-1].number else frame.line
    if number is not None and (skipped := _SKIPPED_CODE.match(line)):
        number += int(skipped["lines"]) - 1
    code = CodeLine(number, line.strip() if not frame.code else line[4:], not frame.code)
    return replace(frame, code=(*frame.code, code))


def _exception(frames: list[Frame], message: list[str], repeated: int) -> ExceptionInfo:
    # A process pool quotes the traceback of its worker.
    text = "\n".join(line for line in message if line != '"""').strip()
    named = _TYPE.match(text)
    type_, value = (named["type"], named["value"]) if named else (None, text)
    return ExceptionInfo(type_, value or None, tuple(reversed(frames)), None, repeated)
