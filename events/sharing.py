"""An event as text to take elsewhere: Markdown for an issue tracker, a command that sends it again.

Pure, and suspicious: whatever the sender wrote can't leave its fence, table or quotation.
"""

import json
import re
import shlex
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from events.display import excerpt, hidden_escaped, visible
from events.frames import readable
from events.raw import compact_json, pretty_json
from events.records import LEVEL_NAMES, iso_utc
from events.stacks import as_text

_LONGEST_TITLE = 120
_LONGEST_CELL = 500
_LONGEST_MESSAGE = 5_000
_LONGEST_STACK = 30_000  # GitHub takes 65,536 characters in all
_MOST_TAGS = 100
_END = "EVENT"


class SharedEvent(Protocol):
    """What is told of an event."""

    @property
    def id(self) -> UUID: ...
    @property
    def application_id(self) -> int: ...
    @property
    def received_at(self) -> datetime: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def level(self) -> int: ...
    @property
    def message(self) -> str: ...
    @property
    def stack(self) -> Any: ...
    @property
    def tags(self) -> Any: ...
    @property
    def environment(self) -> str | None: ...
    @property
    def release(self) -> str | None: ...
    @property
    def server_name(self) -> str | None: ...
    @property
    def logger(self) -> str | None: ...
    @property
    def trace_id(self) -> str | None: ...
    @property
    def user(self) -> Any: ...
    @property
    def data(self) -> Any: ...


# --- Markdown ------------------------------------------------------------------------------


def markdown(event: SharedEvent, url: str | None = None) -> str:
    """The event for an issue tracker. Who it happened to is left out: a tracker is more public."""
    title = event.message.strip().partition("\n")[0]
    level = LEVEL_NAMES.get(event.level, str(event.level))
    parts = [f"## {level}: {_code(excerpt(title, _LONGEST_TITLE)) or '(no message)'}"]
    parts.append(_table(("Fact", "Value"), _facts(event, level)))
    if len(title) > _LONGEST_TITLE or title != event.message.strip():
        parts.append("**Message**\n\n" + _fenced(event.message, _LONGEST_MESSAGE))
    if event.stack:
        parts.append("**Stack**\n\n" + _fenced(stack_text(event.stack), _LONGEST_STACK))
    if isinstance(event.tags, dict) and event.tags:
        tags = [(name, _cell_text(value)) for name, value in event.tags.items()]
        parts.append(_table(("Tag", "Value"), tags[:_MOST_TAGS]))
    if url:
        parts.append(f"[Open in Log Handler](<{url}>)")
    return "\n\n".join(parts) + "\n"


def _facts(event: SharedEvent, level: str) -> list[tuple[str, str]]:
    facts = {
        "Level": level,
        "Occurred": _moment(event.occurred_at),
        "Received": _moment(event.received_at),
        "Environment": event.environment,
        "Release": event.release,
        "Server": event.server_name,
        "Logger": event.logger,
        "Trace": event.trace_id,
        "Event": str(event.id),
    }
    return [(name, value) for name, value in facts.items() if value]


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3] + " UTC"


def stack_text(stack: Any) -> str:
    """The stack as text, however its sender told it; JSON where nothing of it could be read."""
    found = readable(stack)
    if found.text is not None:
        return found.text
    return as_text(found) if found.exceptions else pretty_json(stack, _LONGEST_STACK)[0]


def _table(head: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {head[0]} | {head[1]} |", "| --- | --- |"]
    lines += [f"| {_cell(name)} | {_cell(value)} |" for name, value in rows]
    return "\n".join(lines)


def _cell_text(value: Any) -> str:
    return value if isinstance(value, str) else compact_json(value, _LONGEST_CELL)


def _cell(text: str) -> str:
    # A bar is escaped with a backslash; after a backslash nothing escapes it.
    code = _code(excerpt(text, _LONGEST_CELL)).replace("\\|", "\\¦")
    return code.replace("|", "\\|")


def _code(text: str) -> str:
    """The text as code in one line: no mention, link, HTML or emphasis of it works."""
    line = " ".join(visible(text).split())
    if not line:
        return ""
    ticks = "`" * (_longest_run(line) + 1)
    padding = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{padding}{line}{padding}{ticks}"


def _fenced(text: str, most: int) -> str:
    shown = visible(excerpt(text, most))
    fence = "`" * max(_longest_run(shown) + 1, 3)
    return f"{fence}text\n{shown}\n{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


# --- curl ----------------------------------------------------------------------------------


def curl(event: SharedEvent, base_url: str) -> str:
    """A shell command that sends the event again, as a new one: its `event_id` is left away.

    The body is a here-document: the shell reads nothing in it, and it may be larger than the
    128 kB that Linux allows an argument.
    """
    url = shlex.quote(f"{base_url.rstrip('/')}/apps/{event.application_id}/events")
    body = hidden_escaped(json.dumps(_native(event), ensure_ascii=False))
    return (
        f"curl {url} -H \"X-INGEST-KEY: $INGEST_KEY\" -H 'Content-Type: application/json'"
        f" --data-binary @- <<'{_END}'\n{body}\n{_END}\n"
    )


def _native(event: SharedEvent) -> dict[str, Any]:
    """The event as the native protocol takes it."""
    fields = {
        "message": event.message,
        "level": LEVEL_NAMES.get(event.level, event.level),
        "occurred_at": iso_utc(event.occurred_at),
        "stack": event.stack,
        "tags": event.tags or None,
        "event_id": None,
        "environment": event.environment,
        "release": event.release,
        "server_name": event.server_name,
        "logger": event.logger,
        "trace_id": event.trace_id,
        "user": event.user,
    }
    beside = event.data if isinstance(event.data, dict) else {}
    told = {name: value for name, value in fields.items() if value is not None}
    return told | {name: value for name, value in beside.items() if name not in fields}
