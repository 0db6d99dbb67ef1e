"""Measures of requests over any range: from rollups for what is whole, from rows for the ends.

Exact, as the statistics of events are; durations to the 3 % of their histograms. Where requests are
chosen by more than method, route and status, which the rollups of durations don't tell, blocks of
columns are read (`slices.py`), or the rows themselves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from psycopg import sql

from loghandler import partitions
from stats import reading
from stats.cover import DAY, Cover, cover, cover_by_minute, cover_by_rows
from stats.models import TrafficMinute
from stats.reading import Source, union
from stats.traffic.conditions import conditions, within_minutes
from stats.traffic.criteria import ROUTE_COLUMNS, Criteria
from stats.traffic.days import closed_days
from stats.traffic.slicing import sliced
from traffic import histograms

if TYPE_CHECKING:
    from stats.traffic.slices import Slice

# The histogram of a row is grouped first: numbers are long.
ROWS = """
    SELECT at, method, route, status, n, request_bytes, response_bytes,
        n * ('1' || repeat('0', {digits} * bucket))::numeric AS durations
    FROM (
        SELECT {at} AS at, method, route, status, bucket, count(*) AS n,
            coalesce(sum(request_bytes), 0) AS request_bytes,
            coalesce(sum(response_bytes), 0) AS response_bytes
        FROM traffic_request WHERE {where} GROUP BY 1, 2, 3, 4, 5
    ) AS grouped
"""
ROLLUP = """
    SELECT {column} AS at, method, route, status, n, request_bytes, response_bytes, durations
    FROM {table} WHERE {where}
"""
TOTALS = """
    SELECT hour AS at, NULL::text AS method, NULL::text AS route, status, n, request_bytes,
        response_bytes, durations
    FROM stats_traffictotal WHERE {where}
"""
# Statuses by their class: none or informational, 2xx, 3xx, 4xx, 5xx and above.
CLASSES = (0, 2, 3, 4, 5)
KEPT = TrafficMinute.partitions_kept_days
MEASURES = """
    SELECT {keys}, sum(n)::bigint,
        ARRAY[
            coalesce(sum(n) FILTER (WHERE status < 200), 0),
            coalesce(sum(n) FILTER (WHERE status BETWEEN 200 AND 299), 0),
            coalesce(sum(n) FILTER (WHERE status BETWEEN 300 AND 399), 0),
            coalesce(sum(n) FILTER (WHERE status BETWEEN 400 AND 499), 0),
            coalesce(sum(n) FILTER (WHERE status >= 500), 0)
        ]::bigint[],
        sum(request_bytes)::bigint, sum(response_bytes)::bigint, {summed}
    FROM ({counted}) AS counted GROUP BY {keys} HAVING sum(n) > 0 ORDER BY {keys}
"""


TOTAL = """
    SELECT array_agg(status), array_agg(n), sum(request_bytes)::bigint,
        sum(response_bytes)::bigint, sum(durations)::text
    FROM (
        SELECT status, sum(n)::bigint AS n, sum(request_bytes) AS request_bytes,
            sum(response_bytes) AS response_bytes, sum(durations) AS durations
        FROM ({counted}) AS counted GROUP BY status HAVING sum(n) > 0
    ) AS summed HAVING count(*) > 0
"""
STATUSES_BY_BUCKET = """
    SELECT {bucket}, status, sum(n)::bigint FROM ({counted}) AS counted
    GROUP BY 1, 2 HAVING sum(n) > 0
"""


def class_of(status: int) -> int:
    """The one of CLASSES that a status belongs to."""
    return min(status // 100, 5) if status >= 200 else 0


@dataclass(frozen=True, slots=True)
class Measure:
    """Some requests together."""

    requests: int
    by_class: Mapping[int, int]  # one of CLASSES → requests
    request_bytes: int
    response_bytes: int
    durations: Mapping[int, int]  # a histogram

    @property
    def client_errors(self) -> int:
        return self.by_class[4]

    @property
    def server_errors(self) -> int:
        return self.by_class[5]

    @property
    def errors(self) -> int:
        """Requests that were answered with 400 or above."""
        return self.client_errors + self.server_errors

    def percentiles(self, fractions: Sequence[float]) -> list[float | None]:
        return histograms.percentiles(self.durations, fractions)

    def apdex(self, threshold_ms: float) -> float | None:
        return histograms.apdex(self.durations, threshold_ms)


@dataclass(frozen=True, slots=True)
class Statuses:
    """Some requests, by status alone."""

    by_status: Mapping[int, int]

    @property
    def requests(self) -> int:
        return sum(self.by_status.values())

    @property
    def errors(self) -> int:
        return sum(n for status, n in self.by_status.items() if status >= 400)

    @property
    def by_class(self) -> dict[int, int]:
        found = dict.fromkeys(CLASSES, 0)
        for status, n in self.by_status.items():
            found[class_of(status)] += n
        return found


NOTHING = Measure(0, dict.fromkeys(CLASSES, 0), 0, 0, {})


def summed(measures: Iterable[Measure]) -> Measure:
    """Several together."""
    listed = list(measures)
    return Measure(
        requests=sum(one.requests for one in listed),
        by_class={each: sum(one.by_class[each] for one in listed) for each in CLASSES},
        request_bytes=sum(one.request_bytes for one in listed),
        response_bytes=sum(one.response_bytes for one in listed),
        durations=histograms.added(one.durations for one in listed),
    )


def _measure(row: Sequence[Any]) -> Measure:
    requests, classes, sent, answered, durations = row
    by_class = dict(zip(CLASSES, classes, strict=True))
    return Measure(requests, by_class, sent, answered, histograms.counts_of(durations))


def total(application_id: int, criteria: Criteria) -> Measure:
    """All requests that meet the criteria, together."""
    if chosen := chosen_of(application_id, criteria):
        return chosen.total()
    pieces = pieces_of(criteria, (), by_minute=False, by_day=False)
    branches = counted(application_id, criteria, pieces, routes=False, starts=())
    found = reading.rows(TOTAL, counted=branches)
    if not found:
        return NOTHING
    statuses, counts, sent, answered, durations = found[0]
    told = Statuses(dict(zip(statuses, counts, strict=True)))
    return Measure(told.requests, told.by_class, sent, answered, histograms.counts_of(durations))


def by_bucket(
    application_id: int,
    criteria: Criteria,
    starts: Sequence[datetime],
    *,
    by_minute: bool,
    durations: bool = True,
) -> list[Measure]:
    """The requests of each bucket; `starts` are those of buckets.bucket_starts.

    Their `durations` may be left out: most of the time goes into reading histograms.
    """
    if chosen := chosen_of(application_id, criteria, by_minute):
        return chosen.by_bucket(starts, durations=durations)
    measures = [NOTHING] * len(starts)
    found = _read(
        application_id,
        criteria,
        "bucket",
        starts=starts,
        by_minute=by_minute,
        summed="sum(durations)::text" if durations else "'0'::text",
    )
    for bucket, *row in found:
        measures[bucket] = _measure(row)
    return measures


def statuses_by_bucket(
    application_id: int, criteria: Criteria, starts: Sequence[datetime], *, by_minute: bool
) -> list[Statuses]:
    """How many requests of each bucket have which status."""
    if chosen := chosen_of(application_id, criteria, by_minute):
        return chosen.statuses_by_bucket(starts)
    pieces = pieces_of(criteria, starts, by_minute, by_day=False)
    found: list[dict[int, int]] = [{} for _ in starts]
    for bucket, status, n in reading.rows(
        STATUSES_BY_BUCKET,
        bucket=_bucket(starts),
        counted=counted(application_id, criteria, pieces, routes=False, starts=starts),
    ):
        found[bucket][status] = n
    return list(map(Statuses, found))


def by_route(application_id: int, criteria: Criteria) -> dict[tuple[str, str], Measure]:
    """The requests of each (method, route)."""
    if chosen := chosen_of(application_id, criteria):
        return chosen.by_route()
    found = _read(application_id, criteria, "method", "route")
    return {(method, route): _measure(row) for method, route, *row in found}


def by_status(application_id: int, criteria: Criteria) -> dict[int, int]:
    """How many requests have each status, the most frequent first."""
    (found,) = statuses_by_bucket(application_id, criteria, [criteria.since], by_minute=False)
    return dict(sorted(found.by_status.items(), key=lambda item: (-item[1], item[0])))


def chosen_of(application_id: int, criteria: Criteria, by_minute: bool = False) -> "Slice | None":
    """The requests as blocks tell them, where the rollups don't."""
    if in_rollups(criteria) and not (by_minute and minutes_are_gone(criteria)):
        return None
    return sliced(application_id, criteria)


def minutes_are_gone(criteria: Criteria) -> bool:
    """Whether a range begins before the minutes that are kept."""
    return criteria.since < _first_minute()


def _first_minute() -> datetime:
    return datetime.combine(partitions.today(), time.min, UTC) - KEPT * DAY


def _read(
    application_id: int,
    criteria: Criteria,
    *keys: str,
    starts: Sequence[datetime] = (),
    by_minute: bool = False,
    summed: str = "sum(durations)::text",
) -> list[tuple[Any, ...]]:
    named = [_bucket(starts) if key == "bucket" else sql.SQL(key) for key in keys]
    pieces = pieces_of(criteria, starts, by_minute, by_day="route" in keys)
    return reading.rows(
        MEASURES,
        summed=sql.SQL(summed),
        keys=sql.SQL(", ").join(named),
        counted=counted(application_id, criteria, pieces, routes="route" in keys, starts=starts),
    )


def _bucket(starts: Sequence[datetime]) -> sql.Composed:
    return sql.SQL("width_bucket(at, {}::timestamptz[]) - 1").format(sql.Literal(list(starts)))


def pieces_of(
    criteria: Criteria, starts: Sequence[datetime], by_minute: bool, *, by_day: bool
) -> Cover:
    """The pieces of the range that make up the requests which meet the criteria."""
    since, until = criteria.since, criteria.until
    if not in_rollups(criteria):
        return cover_by_rows(since, until)
    if by_minute:
        return _with_kept_minutes(cover_by_minute(since, until))
    closed = closed_days(since, until) if by_day else ()
    return _with_kept_minutes(cover(since, until, starts, closed))


def _with_kept_minutes(pieces: Cover) -> Cover:
    """Minutes of days past are taken from the rows."""
    first = _first_minute()
    older = tuple((low, min(high, first)) for low, high in pieces.minutes if low < first)
    kept = tuple((max(low, first), high) for low, high in pieces.minutes if high > first)
    return replace(pieces, rows=pieces.rows + older, minutes=kept)


def in_rollups(criteria: Criteria) -> bool:
    """Whether the rollups of durations tell of all that the criteria ask for."""
    return not criteria.of_rows and {*criteria.included, *criteria.excluded} <= {*ROUTE_COLUMNS}


def counted(
    application_id: int,
    criteria: Criteria,
    pieces: Cover,
    *,
    routes: bool,
    starts: Sequence[datetime],
) -> sql.Composed:
    """The requests of the pieces, as rows (at, method, route, status, n, bytes, durations)."""
    whose = conditions(application_id, criteria)
    # One moment for all rows that fall into one bucket, where minutes are enough to tell.
    at = within_minutes(starts)
    parts = {"at": at, "digits": sql.Literal(histograms.DIGITS)}

    def rollup(table: str, column: str) -> Source:
        names = {"table": sql.Identifier(table), "column": sql.Identifier(column)}
        return Source(ROLLUP, column, whose, names)

    by_route_too = routes or bool({*criteria.included, *criteria.excluded} & {"method", "route"})
    hours = rollup("stats_traffichour", "hour") if by_route_too else Source(TOTALS, "hour", whose)
    return union(
        Source(ROWS, "occurred_at", whose, parts).over(pieces.rows),
        rollup("stats_trafficminute", "minute").over(pieces.minutes),
        hours.over(pieces.hours + pieces.cut_days),
        rollup("stats_trafficday", "day").over(pieces.days),
        _nothing(pieces),
    )


def _nothing(pieces: Cover) -> Iterable[sql.Composable]:
    """A branch for a range without pieces, which would be no statement."""
    if not (pieces.rows or pieces.minutes or pieces.hours or pieces.days):
        yield sql.SQL(ROLLUP).format(
            column=sql.Identifier("day"),
            table=sql.Identifier("stats_trafficday"),
            where=sql.SQL("false"),
        )
