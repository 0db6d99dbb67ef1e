"""Whether an answer is what a monitor expects, and in words what of it is not. No I/O."""

import json
import re
from typing import Any, NamedTuple

from loghandler.outbound.http import Answer
from monitors.records import HttpTarget

_RANGE = re.compile(r"(\d{3})(?:\s*-\s*(\d{3}))?")
_SHOWN = 60  # characters of a value in a reason


class Unmet(NamedTuple):
    """An expectation that was not met: one of records.FAILURES, and why in words."""

    failure: str
    words: str


def status_ranges(text: str) -> tuple[tuple[int, int], ...]:
    """Ranges such as `200-299, 401`. Raises ValueError that says what is wrong."""
    ranges = []
    for part in filter(None, map(str.strip, text.split(","))):
        found = _RANGE.fullmatch(part)
        if found is None:
            raise ValueError(f"{part} is no status such as 200, nor a range such as 200-299.")
        least, most = int(found[1]), int(found[2] or found[1])
        if not 100 <= least <= most <= 599:
            raise ValueError(f"{part} is not within 100 and 599, the smaller one first.")
        ranges.append((least, most))
    if not ranges:
        raise ValueError("Name at least one status, such as 200-299.")
    return tuple(ranges)


def unmet(target: HttpTarget, answer: Answer) -> Unmet | None:
    """The first expectation that an answer does not meet."""
    if not any(least <= answer.status <= most for least, most in target.statuses):
        return Unmet("status", f"Status {answer.status}, not {_written(target.statuses)}")
    if target.keyword and (target.keyword in _text(answer)) is target.keyword_absent:
        there = "is in the answer" if target.keyword_absent else "is not in the answer"
        return Unmet("keyword", f"“{target.keyword}” {there}{_of_part(answer)}")
    if target.json_path:
        return _unmet_value(target, answer)
    return None


def _unmet_value(target: HttpTarget, answer: Answer) -> Unmet | None:
    try:
        value = _at(json.loads(answer.body), target.json_path)
    except (ValueError, RecursionError):  # or nested deeper than anybody reads
        return Unmet("value", f"The answer is not JSON{_of_part(answer)}")
    except (LookupError, TypeError):
        return Unmet("value", f"The answer has no {target.json_path}")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if text == target.json_value:
        return None
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return Unmet("value", f"{target.json_path} is {shown}, not {target.json_value}")


def _at(value: Any, path: str) -> Any:
    """The value at a path of names and positions. Raises LookupError or TypeError for none."""
    for step in path.split("."):
        if isinstance(value, list):
            if not step.isdecimal():
                raise LookupError(step)
            value = value[int(step)]
        else:
            value = value[step]
    return value


def _text(answer: Answer) -> str:
    kind = answer.header("content-type") or ""
    charset = kind.lower().partition("charset=")[2].split(";")[0].strip(' "') or "utf-8"
    try:
        return answer.body.decode(charset, "replace")
    except (LookupError, UnicodeError):  # a character set that nobody knows, or none of texts
        return answer.body.decode("utf-8", "replace")


def _written(ranges: tuple[tuple[int, int], ...]) -> str:
    return " or ".join(
        str(least) if least == most else f"{least} to {most}" for least, most in ranges
    )


def _of_part(answer: Answer) -> str:
    return f", of which {len(answer.body):,} bytes were read" if answer.cut else ""
