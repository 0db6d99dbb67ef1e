"""Records of several kinds as they are stored: a kind, and the JSON of its fields. No Django."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar, cast

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

    def fields(self, kind: str) -> list[str]:
        """The names of its records' fields. Raises ValueError for what is none."""
        return [field.name for field in dataclasses.fields(cast("Any", self.of(kind)))]

    def stored(self, record: Record) -> tuple[str, dict[str, Any]]:
        """A record's kind and its JSON, as the database gives it back: lists, not tuples."""
        (kind,) = [kind for kind, (cls, _) in self._known.items() if isinstance(record, cls)]
        fields: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(record))
        return kind, fields

    def taken(self, kind: str, fields: Mapping[str, Any]) -> Record:
        """The record that somebody sends. Raises ValueError, also for fields that it has not."""
        known = self.fields(kind)
        if unknown := sorted(set(fields) - set(known)):
            raise ValueError(f"{unknown[0]} is none of {', '.join(sorted(known))}.")
        if any("\0" in text for text in _texts(fields)):
            raise ValueError("Null characters are not allowed.")
        return self.read(kind, fields)

    def read(self, kind: str, fields: Any) -> Record:
        """The record of this JSON. Raises ValueError that says what is wrong."""
        try:
            return msgspec.convert(fields, self.of(kind))
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from error


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(list(value.items()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
