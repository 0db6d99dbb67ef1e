"""Measures of requests over any range: from rollups for what is whole, from rows for the ends.

Exact, as the statistics of events are; durations to the 3 % of their histograms. Where requests are
chosen by more than method, route and status, which the rollups of durations don't tell, blocks of
columns are read (`slices.py`), or the rows themselves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from psycopg import sql

from loghandler import partitions
from stats.asking import Asking, asked
from stats.cover import (
    DAY,
    HOUR,
    QUARTER,
    Cover,
    Range,
    cover,
    cover_by_minute,
    cover_by_rows,
)
from stats.models import TrafficMinute
from stats.reading import Source, in_parts, moments, statement, union
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
DAYS_OF_TOTALS = """
    SELECT day AS at, NULL::text AS method, NULL::text AS route, status, n, request_bytes,
        response_bytes, durations
    FROM stats_traffictotalday WHERE {where}
"""
# Of parts of days there is only the number of requests.
PARTS_OF_TOTALS = """
    SELECT part.at, NULL, NULL, status, quarters[by_end] - coalesce(quarters[before], 0) AS n,
        0, 0, 0
    FROM stats_traffictotalday JOIN ({parts}) AS part USING (day)
    WHERE {where} AND quarters[by_end] > coalesce(quarters[before], 0)
"""
# Statuses by their class: none or informational, 2xx, 3xx, 4xx, 5xx and above.
CLASSES = (0, 2, 3, 4, 5)
KEPT = TrafficMinute.partitions_kept_days
# Minutes at the ends of a range, of which there are fewer, are read from rows where they are gone.
MOST_GONE = 2 * HOUR
# Sums as float8, which is exact up to 2^53: that of bigint is numeric.
MEASURES = """
    SELECT {keys}, sum(n::float8)::bigint,
        ARRAY[
            coalesce(sum(n::float8) FILTER (WHERE status < 200), 0),
            coalesce(sum(n::float8) FILTER (WHERE status BETWEEN 200 AND 299), 0),
            coalesce(sum(n::float8) FILTER (WHERE status BETWEEN 300 AND 399), 0),
            coalesce(sum(n::float8) FILTER (WHERE status BETWEEN 400 AND 499), 0),
            coalesce(sum(n::float8) FILTER (WHERE status >= 500), 0)
        ]::bigint[],
        sum(request_bytes::float8)::bigint, sum(response_bytes::float8)::bigint, {summed}
    FROM ({counted}) AS counted GROUP BY {keys} HAVING sum(n::float8) > 0
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


@asked
def total(application_id: int, criteria: Criteria) -> Asking[Measure]:
    """All requests that meet the criteria, together."""
    pieces = pieces_of(criteria)
    if chosen := chosen_of(application_id, criteria, pieces):
        return chosen.total()
    branches = counted(application_id, criteria, pieces, routes=False)
    [found] = yield [statement(TOTAL, counted=branches)]
    if not found:
        return NOTHING
    statuses, counts, sent, answered, durations = found[0]
    told = Statuses(dict(zip(statuses, counts, strict=True)))
    return Measure(told.requests, told.by_class, sent, answered, histograms.counts_of(durations))


@asked
def by_bucket(
    application_id: int,
    criteria: Criteria,
    starts: Sequence[datetime],
    *,
    by_minute: bool,
    durations: bool = True,
) -> Asking[list[Measure]]:
    """The requests of each bucket; `starts` are those of buckets.bucket_starts.

    Their `durations` may be left out: most of the time goes into reading histograms.
    """
    pieces = pieces_of(criteria, starts, by_minute=by_minute)
    if chosen := chosen_of(application_id, criteria, pieces, by_minute=by_minute):
        return chosen.by_bucket(starts, durations=durations)
    measured = statement(
        MEASURES,
        keys=_bucket(starts),
        summed=sql.SQL("sum(durations)::text" if durations else "'0'::text"),
        counted=counted(application_id, criteria, pieces, routes=False, starts=starts),
    )
    [found] = yield [measured]
    measures = [NOTHING] * len(starts)
    for bucket, *row in found:
        measures[bucket] = _measure(row)
    return measures


@asked
def statuses_by_bucket(
    application_id: int, criteria: Criteria, starts: Sequence[datetime], *, by_minute: bool
) -> Asking[list[Statuses]]:
    """How many requests of each bucket have which status."""
    by_parts = not names_routes(criteria)
    part = QUARTER if by_parts else HOUR
    pieces = pieces_of(criteria, starts, by_minute=by_minute, part=part)
    if chosen := chosen_of(application_id, criteria, pieces, by_minute=by_minute):
        return chosen.statuses_by_bucket(starts)
    branches = counted(
        application_id, criteria, pieces, routes=False, starts=starts, by_parts=by_parts
    )
    [found] = yield [statement(STATUSES_BY_BUCKET, bucket=_bucket(starts), counted=branches)]
    by_status: list[dict[int, int]] = [{} for _ in starts]
    for bucket, status, n in found:
        by_status[bucket][status] = n
    return list(map(Statuses, by_status))


@asked
def by_route(application_id: int, criteria: Criteria) -> Asking[dict[tuple[str, str], Measure]]:
    """The requests of each (method, route)."""
    pieces = pieces_of(criteria)
    if chosen := chosen_of(application_id, criteria, pieces):
        return chosen.by_route()
    measured = statement(
        MEASURES,
        keys=sql.SQL("method, route"),
        summed=sql.SQL("sum(durations)::text"),
        counted=counted(application_id, criteria, pieces, routes=True),
    )
    [found] = yield [measured]
    return {(method, route): _measure(row) for method, route, *row in found}


def by_status(application_id: int, criteria: Criteria) -> dict[int, int]:
    """How many requests have each status, the most frequent first."""
    (found,) = statuses_by_bucket(application_id, criteria, [criteria.since], by_minute=False)
    return dict(sorted(found.by_status.items(), key=lambda item: (-item[1], item[0])))


def chosen_of(
    application_id: int, criteria: Criteria, pieces: Cover, *, by_minute: bool = False
) -> "Slice | None":
    """The requests as blocks tell them, where the rollups don't."""
    most = timedelta(0) if by_minute else MOST_GONE
    if in_rollups(criteria) and length(_kept_minutes(pieces)[0]) <= most:
        return None
    return sliced(application_id, criteria)


def length(ranges: Iterable[Range]) -> timedelta:
    """How long ranges are together."""
    return sum((high - low for low, high in ranges), timedelta(0))


def _bucket(starts: Sequence[datetime]) -> sql.Composed:
    return sql.SQL("width_bucket(at, {}::timestamptz[]) - 1").format(moments(starts))


def pieces_of(
    criteria: Criteria,
    starts: Sequence[datetime] = (),
    *,
    by_minute: bool = False,
    part: timedelta = HOUR,
) -> Cover:
    """The pieces of the range that make up the requests which meet the criteria.

    `part` is the length of what is read of a closed day that a start cuts.
    """
    since, until = criteria.since, criteria.until
    if not in_rollups(criteria):
        return cover_by_rows(since, until)
    if by_minute:
        return cover_by_minute(since, until)
    return cover(since, until, starts, closed_days(since, until), part)


def _kept_minutes(pieces: Cover) -> tuple[Sequence[Range], Sequence[Range]]:
    """Ranges of minutes of days past, which only the requests tell, and those that are kept."""
    first = datetime.combine(partitions.today(), time.min, UTC) - KEPT * DAY
    gone = [(low, min(high, first)) for low, high in pieces.minutes if low < first]
    return gone, [(max(low, first), high) for low, high in pieces.minutes if high > first]


def in_rollups(criteria: Criteria) -> bool:
    """Whether the rollups of durations tell of all that the criteria ask for."""
    return not criteria.of_rows and {*criteria.included, *criteria.excluded} <= {*ROUTE_COLUMNS}


def names_routes(criteria: Criteria) -> bool:
    """Whether requests are chosen by their route, of which the sums of all routes don't tell."""
    return bool({*criteria.included, *criteria.excluded} & {"method", "route"})


def counted(
    application_id: int,
    criteria: Criteria,
    pieces: Cover,
    *,
    routes: bool,
    starts: Sequence[datetime] = (),
    by_parts: bool = False,
) -> sql.Composed:
    """The requests of the pieces, as rows (at, method, route, status, n, bytes, durations).

    Of closed days that starts cut `by_parts` reads no more than n.
    """
    whose = conditions(application_id, criteria)
    # One moment for all rows that fall into one bucket, where minutes are enough to tell.
    at = within_minutes(starts)
    parts = {"at": at, "digits": sql.Literal(histograms.DIGITS)}

    def rollup(table: str, column: str) -> Source:
        names = {"table": sql.Identifier(table), "column": sql.Identifier(column)}
        return Source(ROLLUP, column, whose, names)

    if routes or names_routes(criteria):
        hours, days = rollup("stats_traffichour", "hour"), rollup("stats_trafficday", "day")
    else:
        hours, days = Source(TOTALS, "hour", whose), Source(DAYS_OF_TOTALS, "day", whose)
    gone, minutes = _kept_minutes(pieces)
    cut_days = hours.over(pieces.cut_days)
    if by_parts:
        by_part = Source(PARTS_OF_TOTALS, "day", whose)
        cut_days = in_parts(pieces.cut_days, starts, by_part, unit=QUARTER)
    return union(
        Source(ROWS, "occurred_at", whose, parts).over([*pieces.rows, *gone]),
        rollup("stats_trafficminute", "minute").over(minutes),
        hours.over(pieces.hours),
        cut_days,
        days.over(pieces.days),
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
