"""A stack as a page shows it, whatever its sender's language and shape."""

import re
from dataclasses import dataclass
from typing import Any

CAUSED_BY = "caused by"
DURING_HANDLING_OF = "during handling of"
SUPPRESSED = "suppressed"
PART_OF_GROUP = "part of the group"


@dataclass(frozen=True, slots=True)
class CodeLine:
    number: int | None
    text: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One call. `own`: it is the application's code rather than a library's."""

    file: str | None = None
    line: int | None = None
    column: int | None = None
    function: str | None = None
    module: str | None = None
    code: tuple[CodeLine, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    own: bool = True


@dataclass(frozen=True, slots=True)
class ExceptionInfo:
    """One exception and its frames, the most recent call first.

    `relation` tells how the exception shown before it is related to it: "caused by" this one.
    """

    type: str | None
    value: str | None
    frames: tuple[Frame, ...] = ()
    relation: str | None = None
    frames_left_out: int = 0


@dataclass(frozen=True, slots=True)
class Stack:
    """What could be read: exceptions, the outermost first; the sender's text; else the JSON."""

    exceptions: tuple[ExceptionInfo, ...] = ()
    text: str | None = None
    raw: Any | None = None
    exceptions_left_out: int = 0


# Where languages keep their own code and that of others; looked for in a path in lower case.
_LIBRARY_FOLDERS = (
    "/site-packages/", "/dist-packages/", "/lib/python2", "/lib/python3", ".zip/encodings/",
    "/node_modules/", "/bower_components/", "/gems/", "/lib/ruby/",
    "/usr/local/go/src/", "/usr/lib/go", "/hostedtoolcache/go/", "/libexec/src/", "/pkg/mod/",
    "/program files/go/src/",
)  # fmt: skip
_LIBRARY_STARTS = (
    "<frozen ", "<__array_function__", "<internal:", "<anonymous>", "[native code]", "node:",
    "internal/modules/", "internal/process/", "internal/main/", "internal/timers", "/_/src/",
    "/rustc/", "chrome-extension://", "moz-extension://", "safari-extension://",
    "safari-web-extension://",
)  # fmt: skip
# Elsewhere a vendor is somebody the application deals with.
_VENDORED = (".php", ".go", ".js", ".mjs", ".ts", ".rb")
_WINDOWS_PYTHON = re.compile(r"/python[\d.]*/lib/")
_LONGEST_PATH = 500
_LIBRARY_MODULE = re.compile(
    r"""
    (?: java|javax|jakarta|jdk|sun|com\.sun|kotlin|kotlinx|scala|groovy|clojure|akka|reactor|feign
      | org\.(?:springframework|apache|hibernate|eclipse|junit|jboss|codehaus|postgresql|slf4j)
      | io\.(?:netty|undertow|vertx|micronaut|quarkus|grpc|micrometer|reactivex)
      | com\.(?:fasterxml|zaxxer|mysql|google\.common|google\.inject) | ch\.qos
      | System|Microsoft|Mono|Newtonsoft|Npgsql|Serilog|Castle
    )\.""",
    re.VERBOSE,
)
_LIBRARY_FUNCTION = re.compile(r"(?:runtime|net/http|reflect|testing|sync)(?:/[\w/]+)?\.")


def is_own(file: str | None, module: str | None = None, function: str | None = None) -> bool:
    """Whether code is the application's own, by where languages keep their libraries."""
    if file and _is_library(file[:_LONGEST_PATH].replace("\\", "/").lower()):
        return False
    if module and _LIBRARY_MODULE.match(module):
        return False
    is_go = bool(file and file.endswith(".go"))
    return not (is_go and function and _LIBRARY_FUNCTION.match(function))


def _is_library(path: str) -> bool:
    rooted = f"/{path}"
    return (
        path.startswith(_LIBRARY_STARTS)
        or any(folder in rooted for folder in _LIBRARY_FOLDERS)
        or ("/vendor/" in rooted and path.partition("?")[0].endswith(_VENDORED))
        or bool(_WINDOWS_PYTHON.search(rooted))
    )


def as_text(stack: Stack) -> str:
    """The exceptions and their frames as lines: the most recent call first, as the page shows."""
    lines: list[str] = []
    for exception in stack.exceptions:
        named = ": ".join(part for part in (exception.type, exception.value) if part)
        relation = f"{exception.relation} " if exception.relation else ""
        if relation or named:
            lines.append(f"{relation}{named}".rstrip())
        for frame in exception.frames:
            lines.append(f"    at {_call(frame)}")
            lines += [f"        {line.text.strip()}" for line in frame.code if line.current]
        if exception.frames_left_out:
            lines.append(f"    … {exception.frames_left_out:,} more")
    if stack.exceptions_left_out:
        lines.append(f"… {stack.exceptions_left_out:,} more exceptions")
    return "\n".join(lines)


def _call(frame: Frame) -> str:
    numbers = (frame.file, frame.line, frame.column)
    place = ":".join(str(part) for part in numbers if part is not None)
    names = ".".join(part for part in (frame.module, frame.function) if part)
    return f"{names} ({place})" if names and place else names or place or "?"
