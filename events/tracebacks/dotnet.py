""".NET: `at Type.Method(String x) in file:line N`, ` ---> ` before an inner exception."""

import re
from collections.abc import Sequence

from events.stacks import CAUSED_BY, PART_OF_GROUP, ExceptionInfo, Frame, is_own
from events.tracebacks.draft import Draft, finished

# "at" and "in … line" are in the language of the machine; these are English ones.
_FRAME = re.compile(
    r"""\s*at[ ](?P<call>[^\s(]+)[ ]?\([^:()]*\)
    (?:[ ]\[0x[0-9a-f]+\])?
    (?:[ ]in[ ](?P<file>(?:[A-Za-z]:)?[^\s:][^:]*):(?:line[ ])?(?P<line>\d{1,9}))?$""",
    re.VERBOSE,
)
_INNER = re.compile(r"\s*---> (?P<member>\(Inner Exception #\d+\) )?")
_END_OF_INNER = re.compile(r"\s*--- End of inner exception stack trace ---$")
_END_OF_MEMBER = "<---"


def read(lines: Sequence[str]) -> list[ExceptionInfo]:
    """Inner exceptions stand between the heading of the outer one and its frames."""
    drafts = [Draft()]
    open_ = [drafts[0]]
    for line in lines:
        if _END_OF_INNER.match(line):
            open_ = open_[:-1] or open_
        elif found := _frame(line):
            open_[-1].frames.append(found)
        elif inner := _inner(line):
            if inner.relation == PART_OF_GROUP:  # told again, after the frames of the group
                open_ = open_[:1]
            open_.append(inner)
            drafts.append(inner)
        elif not open_[-1].frames:
            open_[-1].heading.append(line)
    return finished(drafts)


def _inner(line: str) -> Draft | None:
    found = _INNER.match(line)
    if not found:
        return None
    relation = PART_OF_GROUP if found["member"] else CAUSED_BY
    return Draft([line[found.end() :].removesuffix(_END_OF_MEMBER)], relation=relation)


def _frame(line: str) -> Frame | None:
    found = _FRAME.match(line.removesuffix(_END_OF_MEMBER))
    if not found:
        return None
    module, _, method = found["call"].rpartition(".")
    if module.endswith("."):  # Type..ctor
        module, method = module[:-1], f".{method}"
    if not module:
        return None
    file = found["file"] if found["file"] != "<filename unknown>" else None
    return Frame(
        file=file,
        line=int(found["line"]) if file else None,
        function=method,
        module=module,
        own=is_own(file, module),
    )
