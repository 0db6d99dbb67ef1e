"""Reads whatever a sender put in `stack` into something that a page can show. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from events import frame_objects, tracebacks
from events.display import excerpt
from events.stacks import (
    CAUSED_BY,
    DURING_HANDLING_OF,
    PART_OF_GROUP,
    SUPPRESSED,
    ExceptionInfo,
    Stack,
)

MOST_EXCEPTIONS = 50
MOST_FRAMES = 500  # of all exceptions together
_MOST_LOOKED_AT = 2_000  # JSON values, for exceptions in them
_LONGEST_TYPE = 500
_LONGEST_VALUE = 10_000

# What senders call things. The first name that is there with a value of the right kind is taken.
_TYPE = (
    "type", "exc_type", "errorClass", "exception_type", "exceptionType", "className", "ClassName",
    "class", "kind", "name", "exception.type", "error.type", "error.kind",
)  # fmt: skip
_VALUE = (
    "value", "message", "exc_value", "Message", "msg", "description", "localizedMessage",
    "exception.message", "error.message",
)  # fmt: skip
_TRACE = (
    "stacktrace", "frames", "stack", "traceback", "backtrace", "stack_trace", "stackTrace", "trace",
    "exception.stacktrace", "error.stack_trace", "error.stack", "StackTrace", "StackTraceString",
    "stepArray", "extendedStackTrace",
)  # fmt: skip
_AROUND = (
    "exception", "exceptions", "values", "error", "err", "errors", "exc_info", "thrown",
    "throwable", "attributes",
)  # fmt: skip
_INNER = {
    "cause": CAUSED_BY,
    "caused_by": CAUSED_BY,
    "causedBy": CAUSED_BY,
    "__cause__": CAUSED_BY,
    "__context__": DURING_HANDLING_OF,
    "previous": CAUSED_BY,
    "inner": CAUSED_BY,
    "innerException": CAUSED_BY,
    "InnerException": CAUSED_BY,
    "exceptions": PART_OF_GROUP,
    "errors": PART_OF_GROUP,
    "suppressed": SUPPRESSED,
}
_OF_MANY = (PART_OF_GROUP, SUPPRESSED)


def readable(stack: Any) -> Stack:
    """What a page can show of a stack. It never raises, whatever the JSON, and is bounded by
    MOST_EXCEPTIONS and MOST_FRAMES.

    Frames come with the most recent call first; exceptions with the outermost first, followed by
    its cause. Senders that tell the oldest call or the cause first (Python's and PHP's texts,
    Sentry's objects, a bare list of frames with Python's or Sentry's names) are turned round.
    """
    reading = _Reading()
    reading.read(stack)
    if not reading.exceptions and not reading.texts:
        return Stack(raw=stack or None)
    return Stack(
        exceptions=_bounded(reading.exceptions[:MOST_EXCEPTIONS]),
        text="\n".join(reading.texts) if reading.texts else None,
        exceptions_left_out=reading.left_out + max(len(reading.exceptions) - MOST_EXCEPTIONS, 0),
    )


def _bounded(exceptions: list[ExceptionInfo]) -> tuple[ExceptionInfo, ...]:
    """The exceptions with their innermost frames, shared out so that each keeps some."""
    counts = sorted(len(exception.frames) for exception in exceptions)
    share, left = 0, MOST_FRAMES
    for place, count in enumerate(counts):
        share = left // (len(counts) - place)
        if count > share:
            break
        left -= count
    return tuple(
        replace(
            exception,
            type=_excerpt(exception.type, _LONGEST_TYPE),
            value=_excerpt(exception.value, _LONGEST_VALUE),
            frames=exception.frames[:share],
            frames_left_out=exception.frames_left_out + max(len(exception.frames) - share, 0),
        )
        for exception in exceptions
    )


def _excerpt(text: str | None, most: int) -> str | None:
    return None if text is None else excerpt(text, most)


class _Reading:
    """What was found while a value is taken apart: without recursion, for it may be deep."""

    def __init__(self) -> None:
        self.exceptions: list[ExceptionInfo] = []
        self.texts: list[str] = []
        self.left_out = 0
        self._waiting: list[tuple[Any, str | None]] = []  # values and relations, the next one last

    def read(self, stack: Any) -> None:
        self._waiting = [(stack, None)]
        for _ in range(_MOST_LOOKED_AT):
            if not self._waiting:
                return
            value, relation = self._waiting.pop()
            if isinstance(value, str):
                self._read_text(value, ExceptionInfo(None, None, (), relation))
            elif isinstance(value, list):
                self._read_list(value, relation)
            elif isinstance(value, dict):
                self._read_object(value, relation)
        self.left_out += len(self._waiting)

    def _read_text(self, text: str, known: ExceptionInfo) -> int:
        """Read a traceback, of an exception of which some is known. How many exceptions it has."""
        if text:
            self.texts.append(text)
        found = tracebacks.exceptions(text)
        if found and found[0].type:
            found[0] = replace(found[0], relation=known.relation)
        elif found:  # browsers other than Chrome leave it to the error's name and message
            value = known.value or found[0].value
            found[0] = replace(found[0], type=known.type, value=value, relation=known.relation)
        elif known.type or known.value:
            found = [known]
        self.exceptions += found
        return len(found)

    def _read_list(self, items: list[Any], relation: str | None) -> None:
        if items and all(isinstance(item, str) for item in items):
            lines = (line.removesuffix("\n") for line in items)
            self._read_text("\n".join(lines), ExceptionInfo(None, None, (), relation))
        elif any(map(frame_objects.is_frame, items)):
            self._add_frames(items, ExceptionInfo(None, None, (), relation))
        elif attributes := _attributes(items):
            self._read_object(attributes, relation)
        else:
            self._read_exceptions(items, relation)

    def _read_exceptions(self, items: list[Any], relation: str | None) -> None:
        """Look at a chain of exceptions next; Sentry's clients tell the cause first."""
        objects = [item for item in items if isinstance(item, dict | list)]
        if any(_is_sentrys(item) for item in objects):
            objects.reverse()
        relations = [relation, *map(_relation, objects[1:])]
        self._look_at(list(zip(objects, relations, strict=False)))

    def _look_at(self, following: Sequence[tuple[Any, str | None]]) -> None:
        self._waiting += reversed(following)

    def _read_object(self, value: dict[str, Any], relation: str | None) -> None:
        if frame_objects.is_frame(value):
            self._add_frames([value], ExceptionInfo(None, None, (), relation))
            return
        known = ExceptionInfo(_named(value, _TYPE), _named(value, _VALUE), (), relation)
        traces = (value[name] for name in _TRACE if value.get(name))
        trace = next((t for t in traces if isinstance(t, str | list | dict)), None)
        if trace is None and (known.type is None or known.value is None) and _around(value):
            self._look_at([(inner, relation) for inner in _around(value)])
        elif trace is None and known.type is None:
            return
        elif self._read_trace(trace, known) <= 1:
            self._look_at(_inner(value))

    def _read_trace(self, trace: Any, known: ExceptionInfo) -> int:
        """Add an exception with its frames. How many exceptions its traceback tells of."""
        if isinstance(trace, dict) and isinstance(trace.get("frames"), list):
            trace = trace["frames"]
        if isinstance(trace, list) and trace and all(isinstance(line, str) for line in trace):
            trace = "\n".join(line.removesuffix("\n") for line in trace)
        if isinstance(trace, str):
            return self._read_text(trace, known)
        if isinstance(trace, list) and any(map(frame_objects.is_frame, trace)):
            self._add_frames(trace, known)
            return 1
        if known.type or known.value:
            self.exceptions.append(known)
        if trace:
            self._look_at([(trace, known.relation)])
        return 1

    def _add_frames(self, items: list[Any], known: ExceptionInfo) -> None:
        most = MOST_FRAMES if len(self.exceptions) < MOST_EXCEPTIONS else 0
        frames, left_out = frame_objects.frames(items, most)
        self.exceptions.append(replace(known, frames=tuple(frames), frames_left_out=left_out))


def _named(value: dict[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        if isinstance(text := value.get(name), str) and text:
            return text
    return None


def _around(value: dict[str, Any]) -> list[Any]:
    """What may hold exceptions in an object that is none itself: text only if it is a traceback."""
    inner = [value[name] for name in _AROUND if value.get(name)]
    return [i for i in inner if not isinstance(i, str) or tracebacks.exceptions(i)]


def _inner(value: dict[str, Any]) -> list[tuple[Any, str]]:
    """The exceptions within one, with their relations to it."""
    found = []
    for name, relation in _INNER.items():
        inner = value.get(name)
        members = inner if isinstance(inner, list) and relation in _OF_MANY else [inner]
        found += [(member, relation) for member in members if isinstance(member, dict | list)]
    return found


def _is_sentrys(item: Any) -> bool:
    return isinstance(item, dict) and (
        isinstance(item.get("stacktrace"), dict) or isinstance(item.get("mechanism"), dict)
    )


def _relation(item: Any) -> str:
    """What an exception of a chain is to the one that it led to."""
    if isinstance(item, dict):
        mechanism = item.get("mechanism")
        source = str(mechanism.get("source")) if isinstance(mechanism, dict) else ""
        if source == "__context__" or item.get("is_cause") is False:
            return DURING_HANDLING_OF
        if source.startswith(("exceptions[", "errors[")):
            return PART_OF_GROUP
    return CAUSED_BY


def _attributes(items: list[Any]) -> dict[str, Any]:
    """OpenTelemetry's list of attributes as an object of those that are text."""
    return {
        str(item["key"]): item["value"].get("stringValue")
        for item in items
        if isinstance(item, dict) and isinstance(item.get("value"), dict) and "key" in item
    }
