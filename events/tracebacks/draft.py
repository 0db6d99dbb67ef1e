"""An exception while its text is read, and the reading that most languages share."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from events.stacks import PART_OF_GROUP, ExceptionInfo, Frame

_TYPE_AND_VALUE = re.compile(
    r"""(?:Uncaught[ ](?:\(in[ ]promise\)[ ])? | Unhandled[ ][Ee]xception[.:][ ]
        | Exception[ ]in[ ]thread[ ]"[^"]*"[ ] )?
    (?P<type> [A-Za-z_$][\w$.`+<>/\\-]* )
    (?: [ ][\[(][\w$-]+[\])] )?
    (?: :(?:\s(?P<value>.*))? | $ )""",
    re.VERBOSE | re.DOTALL,
)
_LEFT_OUT = re.compile(r"\s*\.\.\. (\d+) (?:more|common frames omitted|lines matching)\b")


@dataclass
class Draft:
    heading: list[str] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    relation: str | None = None
    left_out: int = 0

    def finished(self) -> ExceptionInfo:
        type_, value = type_and_value(self.heading)
        return ExceptionInfo(type_, value, tuple(self.frames), self.relation, self.left_out)


def type_and_value(heading: Sequence[str]) -> tuple[str | None, str | None]:
    """`Type: message` taken apart; a heading that is no such thing is all message.

    What a program logged before it, or the line of code that Node shows, is left away.
    """
    for start, line in enumerate(heading):
        found = _TYPE_AND_VALUE.match(line.lstrip())
        if found and _is_type(found["type"]):
            rest = [found["value"] or "", *heading[start + 1 :]]
            return found["type"], "\n".join(rest).strip("\n") or None
    text = "\n".join(heading).strip("\n")
    return None, text.rpartition("\n\n")[2] or None


def _is_type(name: str) -> bool:
    """Whether a word before a colon is the name of an exception rather than of a level."""
    last = re.split(r"[.\\/]", name)[-1]
    return last[:1].isupper() and not (last.isupper() and last == name and len(last) > 1)


def headed(
    lines: Sequence[str], frame: Callable[[str], Frame | None], relations: Mapping[str, str]
) -> list[ExceptionInfo]:
    """Read a text where each exception is a heading with its frames below.

    `relations` maps the words before a heading to what they mean: {"Caused by: ": CAUSED_BY}.
    """
    drafts = [Draft()]
    between: list[str] = []
    for line in lines:
        if found := frame(line):
            if not drafts[-1].frames:
                drafts[-1].heading += between
            elif any(between):
                drafts.append(Draft(between, relation=_of_next(drafts[-1])))
            between = []
            drafts[-1].frames.append(found)
        elif left_out := _LEFT_OUT.match(line):
            drafts[-1].left_out += int(left_out[1])
        elif word := next((w for w in relations if line.lstrip().startswith(w)), None):
            if not drafts[-1].frames:
                drafts[-1].heading += between
            drafts.append(Draft([line.lstrip()[len(word) :]], relation=relations[word]))
            between = []
        else:
            between.append(line)
    return finished(drafts)


def _of_next(draft: Draft) -> str | None:
    """The relation of an exception that is told without one: the next member of a group."""
    return draft.relation if draft.relation == PART_OF_GROUP else None


def finished(drafts: Sequence[Draft]) -> list[ExceptionInfo]:
    """The exceptions, if any has frames: a text without is no traceback."""
    if not any(draft.frames for draft in drafts):
        return []
    return [draft.finished() for draft in drafts if draft.frames or any(draft.heading)]
