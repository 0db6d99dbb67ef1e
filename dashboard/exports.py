"""A list as a file, and that of events: CSV for spreadsheets, NDJSON with all that is stored."""

import codecs
import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec
from django.http import StreamingHttpResponse

from events.models import Event
from events.output import output
from events.raw import compact_json
from stats.finding import Criteria, find

_BATCH = 200  # more would keep the other requests of the process waiting
_COLUMNS = (
    "id", "received_at", "occurred_at", "level", "message", "environment", "release",
    "server_name", "logger", "trace_id", "tags",
)  # fmt: skip
# What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_TAGS = 32_000


def events(application_id: int, criteria: Criteria, *, whole: bool) -> Iterator[Event]:
    """All events that meet the criteria, newest first; `whole` ones with stack, data and user."""
    before = None
    while True:
        page = find(application_id, criteria, before=before, limit=_BATCH, whole=whole)
        yield from page.events
        before = page.next
        if before is None:
            return


def attachment(lines: Iterator[bytes], name: str, content_type: str) -> StreamingHttpResponse:
    """The answer that a browser saves under this name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(_pieces(lines), content_type=content_type, headers=headers)


def _pieces(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Lines in pieces that are worth compressing and sending."""
    while piece := b"".join(islice(lines, _BATCH)):
        yield piece


def csv_lines(found: Iterable[Event]) -> Iterator[bytes]:
    return csv_table(_COLUMNS, map(_row, found))


def csv_table(columns: Sequence[str], rows: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    """The lines of a table that no spreadsheet runs as a formula."""
    writer = csv.writer(_Echo())
    yield codecs.BOM_UTF8 + writer.writerow(columns)  # spreadsheets ask for it
    for row in rows:
        yield writer.writerow([_cell(value) for value in row])


def ndjson_lines(found: Iterable[Event]) -> Iterator[bytes]:
    """Events as REST tells them, one in a line."""
    for event in found:
        told = output(event)
        try:
            yield msgspec.json.encode(told) + b"\n"
        except OverflowError:  # an integer of more than 64 bits
            yield json.dumps(told, ensure_ascii=False).encode() + b"\n"


def _row(event: Event) -> list[Any]:
    return [
        event.id,
        event.received_at.isoformat(),
        event.occurred_at.isoformat(),
        event.level_name,
        event.message,
        event.environment,
        event.release,
        event.server_name,
        event.logger,
        event.trace_id,
        compact_json(event.tags, _LONGEST_TAGS) if event.tags else None,
    ]


def _cell(value: Any) -> Any:
    """The value; text that would be run as a formula is quoted as spreadsheets do it."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> bytes:
        return line.encode()
