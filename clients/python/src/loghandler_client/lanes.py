"""What waits to be sent to one address: as it was told, then as JSON. Bounded; the oldest goes."""

from __future__ import annotations

from collections import deque
from typing import Any, Callable, Optional

Encode = Callable[[Any], bytes]


class Lane:
    """Events or requests of one process. Only `put` is called by more than the sending thread."""

    def __init__(
        self, name: str, url: str, encode: Encode, *, seconds: float, most: int, most_bytes: int
    ) -> None:
        self.name = name
        self.url = url
        self.seconds = seconds  # that the first one waits for others
        self._encode = encode
        self._most, self._most_bytes = most, most_bytes
        self.clear()

    def clear(self) -> None:
        """As at the beginning."""
        self.told: deque[tuple[Any, int]] = deque()  # items and their sizes, about
        self.encoded: deque[bytes] = deque()
        self._told_bytes = self._encoded_bytes = 0
        self.first_at: Optional[float] = None  # when the oldest one was told
        self.retry_at = 0.0
        self.failures = 0
        self.limit: Optional[int] = None  # of a batch, where the server took no larger one

    def __len__(self) -> int:
        return len(self.told) + len(self.encoded)

    @property
    def size(self) -> int:
        return self._told_bytes + self._encoded_bytes

    def put(self, item: Any, size: int, now: float) -> int:
        """Add an item, under the sender's lock; returns how many were dropped for it."""
        self.told.append((item, size))
        self._told_bytes += size
        if self.first_at is None:
            self.first_at = now
        dropped = 0
        while len(self.told) > self._most or self._told_bytes > self._most_bytes:
            self._told_bytes -= self.told.popleft()[1]
            dropped += 1
        return dropped

    def take_told(self) -> list[Any]:
        """All that is not encoded yet, under the sender's lock."""
        items = [item for item, _ in self.told]
        self.told.clear()
        self._told_bytes = 0
        return items

    def encode(self, item: Any) -> bool:
        """Add an item as JSON; False where it can't be told."""
        try:
            encoded = self._encode(item)
        except Exception:
            return False
        self.encoded.append(encoded)
        self._encoded_bytes += len(encoded)
        return True

    def trim(self) -> int:
        """Drop the oldest ones beyond the bounds; returns how many."""
        dropped = 0
        while self.encoded and (len(self) > self._most or self.size > self._most_bytes):
            self.forget(1)
            dropped += 1
        return dropped

    def batch(self, most: int, most_bytes: int) -> list[bytes]:
        """The oldest ones, at least one where there is any; they stay until they are forgotten."""
        found: list[bytes] = []
        size = 0
        for item in self.encoded:
            size += len(item) + 1
            if found and (len(found) >= min(most, self.limit or most) or size > most_bytes):
                break
            found.append(item)
        return found

    def forget(self, count: int) -> None:
        """Drop the oldest ones: they are stored, or refused."""
        for _ in range(count):
            self._encoded_bytes -= len(self.encoded.popleft())
