"""A list of requests as a file: CSV for spreadsheets, NDJSON as REST tells them."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from dashboard.exports import csv_table
from stats.traffic.criteria import Criteria
from stats.traffic.listing import listed
from traffic.output import FIELDS, outputs

_BATCH = 500

Row = dict[str, Any]


def chunks(application_id: int, criteria: Criteria) -> Iterator[list[Row]]:
    """All requests that meet the criteria, newest first."""
    before = None
    while True:
        page = listed(application_id, criteria, before=before, limit=_BATCH)
        yield outputs(page.requests)
        before = page.next
        if before is None:
            return


def csv_lines(found: Iterable[list[Row]]) -> Iterator[bytes]:
    return csv_table(FIELDS, ([row[field] for field in FIELDS] for rows in found for row in rows))


def ndjson_lines(found: Iterable[list[Row]]) -> Iterator[bytes]:
    for rows in found:
        for row in rows:
            yield msgspec.json.encode(row) + b"\n"
