"""Bodies of answers that are sent piece by piece: a request ends with its last byte."""

from __future__ import annotations

from typing import Any, AsyncIterator, Callable, Iterator, Optional

from loghandler_client.requests import Exchange

# Is given what the body raised, or None.
End = Callable[[Optional[Exception]], None]


class _Ended:
    """Calls `end` once: when the body raises, or is closed, be it before its first piece."""

    def __init__(self, body: Any, exchange: Exchange, end: End) -> None:
        self._body, self._exchange = body, exchange
        self._to_call: Optional[End] = end

    def close(self) -> None:
        close = getattr(self._body, "close", None)
        try:
            if close is not None:
                close()
        finally:
            self._end(None)

    def _end(self, error: Optional[Exception]) -> None:
        end, self._to_call = self._to_call, None
        if end is not None:
            end(error)


class Body(_Ended):
    """The body of WSGI, or a streamed one of Django."""

    def __len__(self) -> int:  # servers send a Content-Length for a body of one part
        return len(self._body)

    def __bool__(self) -> bool:  # one without a length, too
        return bool(self._body)

    def __iter__(self) -> Iterator[bytes]:
        exchange = self._exchange
        try:
            for part in self._body:
                exchange.response_bytes += len(part)
                yield part
        except Exception as error:
            self._end(error)
            raise
        exchange.answered()


class AsyncBody(_Ended):
    """A body of Django that is streamed by an asynchronous iterator."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        exchange = self._exchange
        try:
            async for part in self._body:
                exchange.response_bytes += len(part)
                yield part
        except Exception as error:
            self._end(error)
            raise
        exchange.answered()
