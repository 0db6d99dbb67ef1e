"""Rows of one table, written many at once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from loghandler.statements import Connection, Statement, Work

FEW = 100


class BulkTable:
    """A table that rows are inserted into. `columns`: name → type, and what makes an array of it.

    COPY in binary takes the least for many rows (docs/decisions/001-copy-binary.md); INSERT can be
    sent with what else is written, which is more for few (009-one-round-trip.md).
    """

    def __init__(
        self, name: str, columns: Mapping[str, tuple[str, Callable[[Any], bytes]]]
    ) -> None:
        self._types = [type_ for type_, _ in columns.values()]
        self._encoders = [encoder for _, encoder in columns.values()]
        names = ", ".join(columns)
        arrays = ", ".join(f"${number}::{type_}[]" for number, type_ in enumerate(self._types, 1))
        self.copying = f"COPY {name} ({names}) FROM STDIN (FORMAT BINARY)"
        self.inserting = Statement(f"INSERT INTO {name} ({names}) SELECT * FROM unnest({arrays})")  # noqa: S608

    def written(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> list[Work]:
        """Insert many by COPY; of few, the statement that inserts them, to be sent with others.

        Raises psycopg.DataError and its kin where PostgreSQL refuses a row.
        """
        if not rows:
            return []
        if len(rows) <= FEW:
            columns = zip(*rows, strict=True)
            encoders = zip(self._encoders, columns, strict=True)
            return [(self.inserting, [encoded(column) for encoded, column in encoders])]
        with connection.cursor() as cursor, cursor.copy(self.copying) as copy:
            copy.set_types(self._types)
            for row in rows:
                copy.write_row(row)
        return []
