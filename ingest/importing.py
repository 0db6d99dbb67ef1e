"""Imports what API Analytics has stored: from its Data API, or from its PostgreSQL tables."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import psycopg
from django.conf import settings
from psycopg.rows import dict_row

from ingest import pipeline
from ingest.protocols import api_analytics
from ingest.records import Batch

# Of a page of its Data API; it tells no number of pages.
PAGE_ROWS = 50_000
_SECONDS = 120
_MOST_TRIES = 4
FRAMEWORKS = (
    "FastAPI", "Flask", "Gin", "Echo", "Express", "Fastify", "Koa", "Chi", "Fiber", "Actix", "Axum",
    "Tornado", "Django", "Rails", "Laravel", "Sinatra", "Rocket", "ASP.NET Core", "Hono",
)  # fmt: skip
# self-hosting/database/schema.sql at eae354e0.
SELECT = """
    SELECT request_id, requests.created_at, hostname, host(ip_address) AS ip_address, path,
        user_agent, method, status, response_time, location, user_id, framework
    FROM requests LEFT JOIN user_agents ON user_agents.id = user_agent_id
    WHERE api_key = %s::uuid ORDER BY requests.created_at, request_id
"""

Row = dict[str, Any]


@dataclass(slots=True)
class Imported:
    """What became of rows."""

    stored: int = 0
    repeated: int = 0  # stored by an import of before
    older: int = 0  # than what the installation keeps
    refused: int = 0

    def add(self, other: "Imported") -> None:
        self.stored += other.stored
        self.repeated += other.repeated
        self.older += other.older
        self.refused += other.refused


class NotRead(Exception):
    """The source does not answer as it should; the message says how."""


def from_data_api(server: str, key: str, *, page: int = 1) -> Iterator[tuple[int, list[Row]]]:
    """Pages of rows from one on, each with its number. Raises NotRead."""
    while True:
        rows = _page(server, key, page)
        yield page, rows
        if len(rows) < PAGE_ROWS:
            return
        page += 1


def _page(server: str, key: str, page: int) -> list[Row]:
    url = f"{server.rstrip('/')}/api/data?{urllib.parse.urlencode({'page': page})}"
    request = urllib.request.Request(url, headers={"X-AUTH-TOKEN": key})  # noqa: S310  the operator's
    failure: Exception | None = None
    for tries in range(_MOST_TRIES):
        time.sleep(2**tries - 1)
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
                rows = json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code != 429:
                raise NotRead(f"{url} answered {error.code}: {error.read(300)!r}") from error
            failure = error
        except (OSError, ValueError) as error:
            failure = error
        else:
            if not isinstance(rows, list):
                raise NotRead(f"{url} answered no list of rows: is the key right?")
            return rows
    raise NotRead(f"{url} can't be read: {failure}.") from failure


def from_database(address: str, key: str, *, size: int) -> Iterator[list[Row]]:
    """Rows of a key, in parts of so many. Raises NotRead."""
    try:
        with (
            psycopg.connect(address, connect_timeout=10, row_factory=dict_row) as database,
            database.cursor("requests_of_a_key") as cursor,
        ):
            cursor.execute(SELECT, [key])
            while rows := cursor.fetchmany(size):
                yield rows
    except psycopg.Error as error:
        raise NotRead(f"The database can't be read: {error}") from error


def imported(
    application_id: int, source: str, rows: Sequence[Row], *, first: int, now: datetime
) -> Imported:
    """Store rows of a source, of which the first one is number `first` there.

    What was stored within the last two days is not stored again. Raises group_commit.Busy.
    """
    oldest = now - timedelta(days=settings.RETENTION_DAYS)
    found = Imported()
    by_framework: dict[str | None, list[Row]] = {}
    for number, row in enumerate(rows, first):
        row["request_id"] = uuid5(NAMESPACE_URL, f"{source} {row.get('request_id', number)}")
        by_framework.setdefault(_framework(row.get("framework")), []).append(row)
    for framework, several in by_framework.items():
        batch = api_analytics.imported(several, framework, now)
        kept = [
            one for one in batch.requests if one.occurred_at is None or one.occurred_at > oldest
        ]
        outcome = pipeline.accept(
            application_id, Batch(requests=kept, request_positions=range(len(kept)))
        )
        found.stored += len(outcome.requests)
        found.repeated += len(outcome.duplicate_requests)
        found.older += len(batch.requests) - len(kept)
        found.refused += len(batch.rejected) + len(outcome.rejected)
    return found


def _framework(number: Any) -> str | None:
    known = isinstance(number, int) and 0 <= number < len(FRAMEWORKS)
    return FRAMEWORKS[number] if known else None
