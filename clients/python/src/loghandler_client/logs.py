"""Python's logging, sent as events."""

from __future__ import annotations

import contextlib
import logging
import sys
import uuid
from contextvars import ContextVar
from typing import Any, Mapping, NamedTuple, Optional

from loghandler_client import frames
from loghandler_client.client import Client, shared

# Of every record: what it has besides is what the program told with `extra`.
_PLAIN = vars(logging.makeLogRecord({}))
_OF_RECORDS = frozenset(_PLAIN) | {"message", "asctime", "taskName"}
_SIMPLE = (str, int, float, bool)
# They make the same text later as now, and none of the program's code runs for it.
_STILL = frozenset((*_SIMPLE, type(None)))
OWN = "loghandler_client"
# The id of the event that tells an exception, on the exception: it is told once.
TOLD = "__loghandler_event_id__"


class Link:
    """What a request that is being answered will tell of the error it raised."""

    __slots__ = ("event_id", "trace_id")

    def __init__(self, trace_id: Optional[str] = None) -> None:
        self.event_id: Optional[str] = None
        self.trace_id = trace_id


link: ContextVar[Optional[Link]] = ContextVar("loghandler_link", default=None)


class LogHandler(logging.Handler):
    """A handler of logging: `LogHandler(url, key)`, or the same names in a dictConfig.

    Extras that are texts or numbers become tags, others data. `tags` are those of every event.
    """

    def __init__(
        self,
        url: Optional[str] = None,
        key: Optional[str] = None,
        *,
        client: Optional[Client] = None,
        level: int = logging.NOTSET,
        tags: Optional[dict[str, Any]] = None,
        **options: Any,
    ) -> None:
        """`options` are those of Client."""
        super().__init__(level)
        self.client = client or shared(url, key, **options)
        self.tags = tags or {}

    def emit(self, record: logging.LogRecord) -> None:
        client = self.client
        if not client.is_on or record.name.startswith(OWN):
            return
        try:
            error = record.exc_info[1] if record.exc_info else None
            if error is None:
                seen, size = self._seen(record), 500
            elif hasattr(error, TOLD):
                return
            else:
                event_id = str(uuid.uuid4())
                seen, size = self._seen(record, client.taken(error), event_id), 4_000
                told(error, event_id)
            client.put_later(lambda: _event(seen), size + _length(seen))
        except Exception:
            client.sender.note_failure()

    def _seen(
        self,
        record: logging.LogRecord,
        stack: Optional[frames.Taken] = None,
        event_id: Optional[str] = None,
    ) -> _Seen:
        message, template, arguments = _said(record)
        values, tags, data = record.__dict__, self.tags, None
        if len(values) > len(_PLAIN):  # else there can be no extra
            tags, data = _extras(values, tags)
        current = link.get()
        return _Seen(
            message,
            template,
            arguments,
            record.levelno,
            record.created,
            record.name,
            record.pathname,
            record.lineno,
            record.funcName,
            record.threadName,
            _task_of_celery() or values.get("taskName") or _task_of_asyncio(),
            record.processName,
            record.stack_info,
            None if current is None else current.trace_id,
            tags,
            data,
            stack,
            event_id,
        )

    def flush(self) -> None:
        """Nothing: logging calls it before it ends, and the client sends by itself then."""


class _Seen(NamedTuple):
    """A record as it was: other handlers change theirs, and programs what it refers to.

    Its event is made of it where it is sent.
    """

    message: Optional[str]  # None where template and arguments still make the same
    template: str
    arguments: Any
    level: int
    at: float
    logger: str
    path: str
    line: int
    function: Optional[str]
    thread: Optional[str]
    task: Optional[str]
    process: Optional[str]
    stack_info: Optional[str]
    trace_id: Optional[str]
    tags: Mapping[str, Any]
    data: Optional[dict[str, Any]]
    stack: Optional[frames.Taken]
    event_id: Optional[str]


def _said(record: logging.LogRecord) -> tuple[Optional[str], str, Any]:
    """Message, template and arguments; the message only where it can't be made later."""
    template, arguments = record.msg, record.args
    if type(record) is logging.LogRecord and type(template) is str:
        if not arguments:
            return None, template, ()
        if type(arguments) is tuple and _STILL.issuperset(map(type, arguments)):
            return None, template, arguments
    return record.getMessage(), str(template), _still(arguments)


def _extras(
    values: Mapping[str, Any], tags: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the program told with `extra`: tags, with those of every event, and data."""
    found, data = dict(tags), {}
    for name, value in values.items():
        if name not in _OF_RECORDS:
            if isinstance(value, _SIMPLE):
                found[name] = value
            else:
                data[name] = _still(value)
    return found, data


def _length(seen: _Seen) -> int:
    """Of its texts, about."""
    if seen.message is not None:
        return len(seen.message)
    length = len(seen.template)
    for argument in seen.arguments:
        if type(argument) is str:
            length += len(argument)
    return length


def _event(seen: _Seen) -> dict[str, Any]:
    """As Client takes it."""
    message = seen.message
    if message is None:
        message = seen.template % seen.arguments if seen.arguments else seen.template
    data = dict(seen.data or {})
    data["place"] = f"{seen.path}:{seen.line} in {seen.function}"
    data["thread"] = seen.thread
    if seen.task:
        data["task"] = seen.task
    if seen.process != "MainProcess":
        data["process"] = seen.process
    if seen.stack_info:
        data["stack_info"] = seen.stack_info
    if seen.arguments:
        data["template"] = seen.template
        data["arguments"] = _still(seen.arguments)
    return {
        "message": message,
        "level": seen.level,
        "at": seen.at,
        "logger": seen.logger,
        "trace_id": seen.trace_id,
        "tags": dict(seen.tags),
        "data": data,
        "stack": seen.stack,
        "event_id": seen.event_id,
    }


def told(error: BaseException, event_id: str, of: Optional[Link] = None) -> None:
    """Note that an exception was told, on itself and for the request that is being answered."""
    with contextlib.suppress(AttributeError, TypeError):  # one with slots
        setattr(error, TOLD, event_id)
    current = of or link.get()
    if current is not None:
        current.event_id = event_id


def _task_of_celery() -> Optional[str]:
    """The name of Celery's running task."""
    celery = sys.modules.get("celery._state")  # `current_task` is a slower proxy
    task = None if celery is None else celery.get_current_task()
    return None if task is None else str(task.name)


def _task_of_asyncio() -> Optional[str]:
    """The name of the running task, which records tell from Python 3.12 on."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None or asyncio._get_running_loop() is None:  # noqa: SLF001
        return None
    task = asyncio.current_task()
    return None if task is None else str(task.get_name())


def _still(value: Any, depth: int = 0) -> Any:
    """A value that does not change any more: it is told later, by another thread."""
    if value is None or isinstance(value, _SIMPLE):
        return value
    if depth < 4:
        if isinstance(value, dict):
            return {str(name): _still(each, depth + 1) for name, each in list(value.items())[:200]}
        if isinstance(value, (list, tuple)):
            return [_still(each, depth + 1) for each in value[:200]]
    try:
        return str(value)[:1_000]
    except Exception:
        return f"<{type(value).__name__}>"
