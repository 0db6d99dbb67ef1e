"""What a process tells Log Handler: events and requests, sent in the background."""

from __future__ import annotations

import json
import os
import re
import socket
import threading
import uuid
from datetime import datetime, timezone
from time import time
from typing import Any, Callable, Iterable, Mapping, Optional, Union

from loghandler_client import frames
from loghandler_client.lanes import Lane
from loghandler_client.masking import HIDDEN, Masking
from loghandler_client.sending import Sender, Settings, Stats

LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}
LONGEST_MESSAGE = 100_000
_SHORT = 200  # characters of names that one filters by


class Client:
    """Sends events and requests of one application, whose ingest key it has.

    `url` is the server's address, `https://logs.example.com`; that of the application,
    `https://logs.example.com/apps/7`, does as well. Without a `url` or a `key`, which may also
    stand in LOGHANDLER_CLIENT_URL and LOGHANDLER_CLIENT_KEY, it does nothing.

    Of each kind `most_items` and `most_bytes` wait at the most; beyond, the oldest are dropped and
    counted. Raises ValueError for an address that is none; afterwards nothing raises.
    """

    def __init__(
        self,
        url: Optional[str] = None,
        key: Optional[str] = None,
        *,
        release: Optional[str] = None,
        environment: Optional[str] = None,
        server_name: Optional[str] = None,
        mask_names: Iterable[str] = (),
        mask_patterns: Iterable[str] = (),
        local_values: bool = False,
        most_items: int = 10_000,
        most_bytes: int = 20_000_000,
        batch_items: int = 500,
        batch_bytes: int = 1_000_000,
        event_seconds: float = 1.0,
        request_seconds: float = 5.0,
        gzip_over: int = 2_000,
        timeout: float = 10.0,
        exit_seconds: float = 5.0,
    ) -> None:
        self.url = url or os.environ.get("LOGHANDLER_CLIENT_URL") or ""
        self.key = key or os.environ.get("LOGHANDLER_CLIENT_KEY") or ""
        self.release = release or os.environ.get("LOGHANDLER_CLIENT_RELEASE")
        self.environment = environment or os.environ.get("LOGHANDLER_CLIENT_ENVIRONMENT")
        self.server_name = server_name or _server_name()
        own_key = [re.escape(self.key)] if self.key else []
        self.masking = Masking(mask_names, [*mask_patterns, *own_key])
        self.local_values = local_values
        self.is_on = bool(self.url and self.key)
        events_url, requests_url = addresses(self.url) if self.url else ("", "")
        bounds = {"most": most_items, "most_bytes": most_bytes}
        self._events = Lane("events", events_url, self._event, seconds=event_seconds, **bounds)
        self._requests = Lane(
            "requests", requests_url, self._request, seconds=request_seconds, **bounds
        )
        settings = Settings(
            key=self.key,
            batch_items=batch_items,
            batch_bytes=batch_bytes,
            gzip_over=gzip_over,
            timeout=timeout,
            exit_seconds=exit_seconds,
        )
        self.sender = Sender([self._events, self._requests], settings, _dropped)

    # --- What is told ---------------------------------------------------------------------------

    def event(
        self,
        message: str,
        level: Union[str, int] = "INFO",
        *,
        error: Optional[BaseException] = None,
        tags: Optional[Mapping[str, Any]] = None,
        data: Optional[Mapping[str, Any]] = None,
        user: Any = None,
        logger: Optional[str] = None,
        trace_id: Optional[str] = None,
        event_id: Optional[str] = None,
    ) -> Optional[str]:
        """Send an event; returns its id, or None where nothing is sent.

        `error` is an exception to tell with its frames; `tags` are to filter by, `data` to read.
        """
        if not self.is_on:
            return None
        try:
            number = LEVELS.get(level.upper(), 20) if isinstance(level, str) else level
            return self.put_event(
                {
                    "message": str(message),
                    "level": number,
                    "stack": self.taken(error),
                    "tags": dict(tags or {}),
                    "data": dict(data or {}),
                    "user": user,
                    "logger": logger,
                    "trace_id": trace_id,
                    "event_id": event_id,
                }
            )
        except Exception:
            self.sender.note_failure()
            return None

    def request(self, method: str, path: str, status: int, **fields: Any) -> None:
        """Send a request that was answered, with any field of docs/send-requests.md."""
        if not self.is_on:
            return
        try:
            self.put_request({"method": method, "path": path, "status": status, **fields})
        except Exception:
            self.sender.note_failure()

    def flush(self, timeout: float = 5.0) -> bool:
        """Send all that waits; whether it went within so many seconds."""
        return not self.is_on or self.sender.flush(timeout)

    def close(self) -> None:
        """Send what waits, for as long as `exit_seconds`; at exit it happens by itself."""
        if self.is_on:
            self.sender.close()

    @property
    def stats(self) -> Stats:
        return self.sender.stats()

    # --- For handlers and middlewares -----------------------------------------------------------

    def taken(self, error: Optional[BaseException]) -> Optional[frames.Taken]:
        """An exception as it is now."""
        if error is None:
            return None
        return frames.taken(error, self.masking, local_values=self.local_values)

    def put_event(self, event: dict[str, Any]) -> str:
        """Take an event whose values don't change any more; returns its id."""
        event_id = event.get("event_id") or str(uuid.uuid4())
        event["event_id"] = event_id
        event.setdefault("at", time())
        size = len(event["message"]) + (4_000 if event.get("stack") else 500)
        self.sender.put(self._events, event, size)
        return event_id

    def put_later(self, made: Callable[[], dict[str, Any]], size: int) -> None:
        """Take an event that the sending thread makes, of what does not change any more."""
        self.sender.put(self._events, made, size)

    def put_request(self, request: dict[str, Any]) -> None:
        """Take a request whose values don't change any more."""
        request.setdefault("occurred_at", time())
        self.sender.put(self._requests, request, 500)

    # --- By the sending thread ------------------------------------------------------------------

    def _event(self, event: Union[dict[str, Any], Callable[[], dict[str, Any]]]) -> bytes:
        return as_json(self.told(event() if callable(event) else event))

    def told(self, event: dict[str, Any]) -> dict[str, Any]:
        """An event as the server takes it, without secrets."""
        masking = self.masking
        stack, data = event.get("stack"), event.get("data")
        said = event["message"][:LONGEST_MESSAGE]
        message = masking.text(said)
        found: dict[str, Any] = {
            "message": message or "-",
            "level": max(int(event["level"]), 10),
            "occurred_at": moment(event["at"]),
            "event_id": event.get("event_id") or str(uuid.uuid4()),
            "server_name": self.server_name[:_SHORT],
        }
        for name, value in (
            ("logger", event.get("logger")),
            ("trace_id", event.get("trace_id")),
            ("release", self.release),
            ("environment", self.environment),
        ):
            if value:
                found[name] = str(value)[:_SHORT]
        if stack is not None:
            found["stack"] = frames.described(stack, masking)
        if event.get("tags"):
            found["tags"] = masking.named(event["tags"])
        if event.get("user") is not None:
            found["user"] = masking.value(event["user"])
        if data and message != said and "arguments" in data:
            data = {**data, "arguments": _shown_in(message, data["arguments"])}
        # What is no field is kept as data.
        return {**masking.named(data or {}), **found}

    def _request(self, request: dict[str, Any]) -> bytes:
        found = {name: value for name, value in request.items() if value is not None}
        found["occurred_at"] = moment(found["occurred_at"])
        found.setdefault("request_id", str(uuid.uuid4()))
        if self.release:
            found.setdefault("release", self.release)
        if self.environment:
            found.setdefault("environment", self.environment)
        for name in ("path", "referrer"):
            if name in found:
                found[name] = self.masking.text(str(found[name]))
        return as_json(found)


def _shown_in(message: str, arguments: Any) -> Any:
    """The arguments of a message, without those that are hidden in it."""
    if isinstance(arguments, dict):
        return {name: _shown_in(message, value) for name, value in arguments.items()}
    if isinstance(arguments, list):
        return [_shown_in(message, value) for value in arguments]
    return arguments if str(arguments) in message else HIDDEN


def addresses(url: str) -> tuple[str, str]:
    """Where events and requests go. Raises ValueError.

    Below /apps/- they are of the application that the key opens.
    """
    base = url.rstrip("/")
    if not base.startswith(("http://", "https://")) or not base.split("://", 1)[1].strip("/"):
        raise ValueError(f"{url!r} is no address of a server: it begins with http:// or https://.")
    for end in ("/events", "/requests"):
        if base.endswith(end):
            base = base[: -len(end)]
    if "/apps/" not in base:
        base += "/apps/-"
    return f"{base}/events", f"{base}/requests"


def moment(at: Union[float, datetime, str]) -> str:
    """A time as ISO 8601 in UTC, from seconds since 1970 or what tells it already."""
    if isinstance(at, str):
        return at
    if not isinstance(at, datetime):
        at = datetime.fromtimestamp(at, timezone.utc)
    return at.isoformat()


def as_json(value: Any) -> bytes:
    """JSON in UTF-8, whatever is in the value."""
    text = json.dumps(value, default=str, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def _dropped(counts: Mapping[str, int]) -> dict[str, Any]:
    """The event that tells how many were dropped."""
    return {
        "message": "Events or requests were dropped: more waited than there was room for.",
        "level": 30,
        "logger": "loghandler_client",
        "tags": {f"dropped_{name}": count for name, count in counts.items()},
        "at": time(),
    }


def _server_name() -> str:
    try:
        return socket.gethostname()
    except OSError:
        return ""


# --- One for several ----------------------------------------------------------------------------

_shared: dict[tuple[str, str], Client] = {}
_sharing = threading.Lock()


def shared(url: Optional[str] = None, key: Optional[str] = None, **options: Any) -> Client:
    """The process's client for an address and a key: handlers and middlewares share its thread.

    The options are those of the first who asks.
    """
    name = (url or os.environ.get("LOGHANDLER_CLIENT_URL") or "", key or "")
    with _sharing:
        if name not in _shared:
            _shared[name] = Client(url, key, **options)
        return _shared[name]
