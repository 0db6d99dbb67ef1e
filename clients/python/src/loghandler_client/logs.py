"""Python's logging, sent as events."""

from __future__ import annotations

import contextlib
import logging
import sys
from contextvars import ContextVar
from typing import Any, Optional

from loghandler_client.client import Client, shared

# Of every record: what it has besides is what the program told with `extra`.
_PLAIN = vars(logging.makeLogRecord({}))
_OF_RECORDS = frozenset(_PLAIN) | {"message", "asctime", "taskName"}
_SIMPLE = (str, int, float, bool)
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
            if error is not None and hasattr(error, TOLD):
                return
            event = self._event(record)
            current = link.get()
            if current is not None and current.trace_id:
                event["trace_id"] = current.trace_id
            if error is not None:
                event["stack"] = client.taken(error)
            event_id = client.put_event(event)
            if error is not None:
                told(error, event_id)
        except Exception:
            client.sender.note_failure()

    def _event(self, record: logging.LogRecord) -> dict[str, Any]:
        tags, data = dict(self.tags), {}
        values = record.__dict__
        if len(values) > len(_PLAIN):  # else there can be no extra
            for name, value in values.items():
                if name not in _OF_RECORDS:
                    if isinstance(value, _SIMPLE):
                        tags[name] = value
                    else:
                        data[name] = _still(value)
        _place(record, data)
        message = record.getMessage()
        if record.args:
            data["template"] = str(record.msg)
            data["arguments"] = _still(record.args)
        return {
            "message": message,
            "level": record.levelno,
            "at": record.created,
            "logger": record.name,
            "tags": tags,
            "data": data,
        }

    def flush(self) -> None:
        """Nothing: logging calls it before it ends, and the client sends by itself then."""


def _place(record: logging.LogRecord, data: dict[str, Any]) -> None:
    """Where in the program it was logged."""
    data["place"] = f"{record.pathname}:{record.lineno} in {record.funcName}"
    data["thread"] = record.threadName
    task = record.__dict__.get("taskName") or _task()
    if task:
        data["task"] = task
    if record.processName != "MainProcess":
        data["process"] = record.processName
    if record.stack_info:
        data["stack_info"] = record.stack_info


def told(error: BaseException, event_id: str, of: Optional[Link] = None) -> None:
    """Note that an exception was told, on itself and for the request that is being answered."""
    with contextlib.suppress(AttributeError, TypeError):  # one with slots
        setattr(error, TOLD, event_id)
    current = of or link.get()
    if current is not None:
        current.event_id = event_id


def _task() -> Optional[str]:
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
