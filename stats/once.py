"""What several readers of one page ask for alike, read once."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")
_known: ContextVar[dict[Hashable, Any] | None] = ContextVar("known", default=None)


@contextmanager
def for_a_page() -> Iterator[None]:
    """What is read inside is kept until the end."""
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def read(key: Hashable, reading: Callable[[], T]) -> T:
    """What `reading` gives, called once for a page."""
    known = _known.get()
    if known is None:
        return reading()
    if key not in known:
        known[key] = reading()
    found: T = known[key]
    return found
