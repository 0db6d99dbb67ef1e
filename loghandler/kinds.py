"""Records of several kinds as they are stored: a kind, and the JSON of its fields. No Django."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import msgspec

Record = TypeVar("Record")


class Kinds(Generic[Record]):
    """Kind → its record's class, and what people call it."""

    def __init__(self, known: Mapping[str, tuple[type[Record], str]], *, unknown: str) -> None:
        """`unknown`: what is said of a kind that is none of these, before their names."""
        self._known = known
        self._unknown = unknown

    def words(self) -> dict[str, str]:
        """Kind → what people call it."""
        return {kind: words for kind, (_, words) in self._known.items()}

    def of(self, kind: str) -> type[Record]:
        """The class of its records. Raises ValueError for what is none."""
        if kind not in self._known:
            raise ValueError(f"{kind} is {self._unknown} {', '.join(self._known)}.")
        return self._known[kind][0]

    def stored(self, record: Record) -> tuple[str, dict[str, Any]]:
        """A record's kind and its JSON, as the database gives it back: lists, not tuples."""
        (kind,) = [kind for kind, (cls, _) in self._known.items() if isinstance(record, cls)]
        fields: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(record))
        return kind, fields

    def read(self, kind: str, fields: Any) -> Record:
        """The record of this JSON. Raises ValueError that says what is wrong."""
        try:
            return msgspec.convert(fields, self.of(kind))
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from error
