"""One POST of JSON to the server, and what it answered. It raises nothing."""

from __future__ import annotations

import gzip
import urllib.error
import urllib.request
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from time import time
from typing import Any, NamedTuple, Optional

from loghandler_client.version import VERSION

AGENT = f"loghandler-client/{VERSION}"
GZIP_LEVEL = 5
_MOST_ANSWER = 1_000_000  # bytes that are read of an answer
LONGEST_RETRY_AFTER = 300.0


class Answer(NamedTuple):
    """What the server said."""

    status: int  # 0 where nothing was answered
    body: bytes
    retry_after: Optional[float]  # seconds

    @property
    def stored(self) -> bool:
        return 200 <= self.status < 300

    @property
    def words(self) -> str:
        """The answer for a person, on one line."""
        said = " ".join(self.body[:300].decode("utf-8", "replace").split())
        return said if self.status == 0 else f"{self.status} {said}".rstrip()


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirected POST would arrive as a GET, and the events be lost: it is an answer like any."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirects)


def post(url: str, key: str, body: bytes, *, gzip_over: int, timeout: float) -> Answer:
    """Send a body; larger ones than `gzip_over` bytes are compressed."""
    headers = {"Content-Type": "application/json", "X-INGEST-KEY": key, "User-Agent": AGENT}
    if len(body) > gzip_over:
        body = gzip.compress(body, GZIP_LEVEL)
        headers["Content-Encoding"] = "gzip"
    request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310  see client.py
    try:
        with _opener.open(request, timeout=timeout) as answer:
            return Answer(answer.status, answer.read(_MOST_ANSWER), None)
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, _rest(error), _retry_after(error.headers))
    except (OSError, HTTPException, ValueError) as error:
        return Answer(0, f"{type(error).__name__}: {error}".encode("utf-8", "replace"), None)


def _rest(error: urllib.error.HTTPError) -> bytes:
    place = error.headers.get("Location", "")
    if place:
        return f"It redirects to {place}: use that address.".encode("utf-8", "replace")
    try:
        return error.read(_MOST_ANSWER)
    except (OSError, HTTPException, ValueError):
        return b""


def _retry_after(headers: Message) -> Optional[float]:
    """Seconds, told as such or as a date."""
    told = headers.get("Retry-After")
    if not told:
        return None
    try:
        seconds = float(told)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(told).timestamp() - time()
        except (TypeError, ValueError, OverflowError):
            return None
    if seconds != seconds:  # NaN
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)
