"""A list of events as a file: CSV for spreadsheets, NDJSON with all that is stored."""

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from rest_framework.utils.serializer_helpers import ReturnDict

from events.models import Event
from events.raw import compact_json
from events.serializers import EventOutput
from stats.finding import Criteria, find

_BATCH = 1_000
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


def csv_lines(found: Iterable[Event]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(_COLUMNS)  # spreadsheets read UTF-8 where it says so
    for event in found:
        yield writer.writerow([_cell(value) for value in _row(event)])


def ndjson_lines(found: Iterable[Event]) -> Iterator[str]:
    for event in found:
        told: ReturnDict[str, Any] = EventOutput(event).data
        yield json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False) + "\n"


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

    def write(self, line: str) -> str:
        return line
