"""Java and what else runs on its machine: `at a.b.C.m(C.java:12)`, `Caused by:`, `... 12 more`."""

import re
from collections.abc import Sequence

from events.stacks import CAUSED_BY, SUPPRESSED, ExceptionInfo, Frame, is_own
from events.tracebacks.draft import headed

# Class loader and module stand before the class: `app//`, `java.base/`, `java.base@17.0.1/`.
_FRAME = re.compile(
    r"""\s*at[ ](?:[\w.@-]*/){0,3}(?P<class>[^\s()/]+)\.(?P<method>[^\s()/.]+)
    \((?: (?P<none>Native[ ]Method|Unknown[ ]Source)
      | (?P<file>[^\s():]+)(?::(?P<line>\d{1,9}))? )\)
    (?:[ ]~?\[[^\]]*\])?$""",
    re.VERBOSE,
)
_SOURCE_FILE = re.compile(
    r"[\w$ -]+\.(?:java|kt|kts|scala|groovy|clj|cljc)$|<generated>$|SourceFile$"
)
_RELATIONS = {
    "Caused by: ": CAUSED_BY,
    "Suppressed: ": SUPPRESSED,
    "Wrapped by: ": CAUSED_BY,
}


def read(lines: Sequence[str]) -> list[ExceptionInfo]:
    return headed(lines, _frame, _RELATIONS)


def _frame(line: str) -> Frame | None:
    found = _FRAME.match(line)
    if not found or not (found["none"] or _SOURCE_FILE.match(found["file"])):
        return None
    return Frame(
        file=found["file"],
        line=int(found["line"]) if found["line"] else None,
        function=found["method"],
        module=found["class"],
        own=is_own(found["file"], found["class"]),
    )
