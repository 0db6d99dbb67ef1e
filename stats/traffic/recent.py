"""The requests of the last 24 clock hours of many applications, in one statement for any number.

From the hours of all routes together: no row of a request is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg import sql

from stats.cover import HOUR, floor
from stats.reading import rows, where, within
from traffic import histograms

# Histograms are most of the work: where applications are only ordered they are left out.
RECENT = """
    SELECT application_id, sum(n)::bigint,
        coalesce(sum(n) FILTER (WHERE status BETWEEN 400 AND 499), 0)::bigint,
        coalesce(sum(n) FILTER (WHERE status >= 500), 0)::bigint, {durations}
    FROM stats_traffictotal WHERE {where} GROUP BY application_id HAVING sum(n) > 0
"""
ANY = "SELECT EXISTS (SELECT FROM stats_traffictotal WHERE {where} AND n > 0)"


@dataclass(frozen=True, slots=True)
class Recent:
    """The requests of an application; there is at least one."""

    requests: int
    client_errors: int
    server_errors: int
    p95: float | None  # ms; None where it was not asked for

    @property
    def error_rate(self) -> float:
        """Of all requests those that were answered with 400 or above, 0 to 1."""
        return (self.client_errors + self.server_errors) / self.requests


def recent(
    application_ids: Sequence[int], *, durations: bool = True, now: datetime | None = None
) -> dict[int, Recent]:
    """What was asked of each of these applications; those without requests are left out."""
    if not application_ids:
        return {}
    summed = "sum(durations)::text" if durations else "NULL"
    found = rows(RECENT, where=_of_a_day(application_ids, now), durations=sql.SQL(summed))
    return {
        id_: Recent(requests, client_errors, server_errors, _p95(histogram))
        for id_, requests, client_errors, server_errors, histogram in found
    }


def any_recent(application_ids: Sequence[int], *, now: datetime | None = None) -> bool:
    """Whether anything was asked of any of these applications."""
    [(found,)] = rows(ANY, where=_of_a_day(application_ids, now))
    return bool(found)


def _of_a_day(application_ids: Sequence[int], now: datetime | None) -> sql.Composed:
    end = floor(now or datetime.now(UTC), HOUR) + HOUR
    return where(application_ids, None) + within("hour", (end - 24 * HOUR, end))


def _p95(histogram: str | None) -> float | None:
    if histogram is None:
        return None
    return histograms.percentiles(histograms.counts_of(histogram), [0.95])[0]
