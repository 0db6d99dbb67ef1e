"""Stacks of the demo services as JSON, in the shapes that senders use."""

import json
from typing import Any

Frame = dict[str, Any]
Raised = dict[str, Any]


def text(traceback: str) -> str:
    """A traceback as its language prints it."""
    return json.dumps(traceback.strip("\n"), ensure_ascii=False)


def frames(*called: Frame) -> str:
    """A bare list of frames, the oldest call first."""
    return json.dumps(called, ensure_ascii=False)


def raised(exception: Raised) -> str:
    """One exception as an object."""
    return json.dumps(exception, ensure_ascii=False)


def chain(*exceptions: Raised) -> str:
    """Exceptions of which each was the cause of the next, as Sentry's clients send them."""
    last = len(exceptions) - 1
    sent = [
        {
            "type": exception["type"],
            "value": exception["value"],
            "module": exception["module"],
            "mechanism": {"type": "generic", "handled": False}
            if n == last
            else {"type": "chained", "handled": False, "source": "__cause__"},
            "stacktrace": {"frames": exception["frames"]},
        }
        for n, exception in enumerate(exceptions)
    ]
    return json.dumps(sent, ensure_ascii=False)


def exception(type_: str, value: str, *called: Frame, module: str | None = None) -> Raised:
    return {"type": type_, "value": value, "module": module, "frames": list(called)}


def frame(
    filename: str,
    function: str,
    lineno: int,
    source: str,
    variables: dict[str, str] | None = None,
    *,
    in_app: bool = True,
) -> Frame:
    """A frame. Lines of `source` begin with two columns of margin; the one that ran has a '>'."""
    lines = source.strip("\n").split("\n")
    (ran,) = [number for number, line in enumerate(lines) if line.startswith(">")]
    code = [line[2:] for line in lines]
    return {
        "filename": filename,
        "function": function,
        "lineno": lineno,
        "pre_context": code[:ran],
        "context_line": code[ran],
        "post_context": code[ran + 1 :],
        "vars": variables or {},
        "in_app": in_app,
    }
