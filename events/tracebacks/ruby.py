"""Ruby: `file:12:in 'call'` (a backtick before Ruby 3.4), causes below in the same form."""

import re
from collections.abc import Sequence

from events.stacks import CAUSED_BY, ExceptionInfo, Frame, is_own
from events.tracebacks.draft import Draft, type_and_value

_FRAME = re.compile(
    r"\s*(?P<from>from )?(?P<file>(?:<internal:|[A-Za-z]:)?[^\s:][^:]*):(?P<line>\d{1,9}):in "
    r"[`'](?P<function>[^']*)'(?:: (?P<message>.*))?$"
)
_MESSAGE = re.compile(r"(?P<value>.*?)\s?\((?P<type>[A-Z][\w:]*)\)(?P<rest>\n.*)?$", re.DOTALL)
_CALLED = re.compile(r"(?P<type>[A-Z][\w:]*) \((?P<value>.*)\):?$", re.DOTALL)


def read(lines: Sequence[str]) -> list[ExceptionInfo]:
    drafts = [Draft()]
    for line in lines:
        current = drafts[-1]
        found = _FRAME.match(line)
        if not found:
            # Between the first frame and the next stands the rest of a message of many lines.
            if len(current.frames) <= 1:
                current.heading.append(line)
            continue
        if found["message"] is not None:
            if current.frames:
                drafts.append(current := Draft(relation=CAUSED_BY))
            current.heading = [found["message"]]
        current.frames.append(_frame(found))
    return [_exception(draft) for draft in drafts if draft.frames]


def _frame(found: re.Match[str]) -> Frame:
    return Frame(
        file=found["file"],
        line=int(found["line"]),
        function=found["function"],
        own=is_own(found["file"]),
    )


def _exception(draft: Draft) -> ExceptionInfo:
    heading = "\n".join(draft.heading).strip()
    if found := _MESSAGE.match(heading) or _CALLED.match(heading):
        rest = found.groupdict().get("rest") or ""
        type_, value = found["type"], (found["value"] + rest).strip() or None
    else:
        type_, value = type_and_value(heading.split("\n"))
    return ExceptionInfo(type_, value, tuple(draft.frames), draft.relation)
