"""Counts requests into the rollups, inside the transaction that writes them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from loghandler import arrays
from loghandler.statements import Columns, Statement, Work
from stats.cover import FAR, HOUR, MINUTE, floor
from stats.traffic.dimensions import Dimension
from traffic.histograms import as_numeric
from traffic.records import StoredRequest

# Each adds, and each is fed in the order of its key, as for events. The hottest rows come last.
ADD_VALUES = Statement("""
    INSERT INTO stats_trafficvaluehour AS t (application_id, hour, dimension, value, n,
        client_errors, server_errors, first_at, last_at)
    SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::smallint[], $4::text[], $5::bigint[],
        $6::bigint[], $7::bigint[], $8::timestamptz[], $9::timestamptz[])
    ON CONFLICT (application_id, dimension, hour, value) DO UPDATE SET
        n = t.n + EXCLUDED.n,
        client_errors = t.client_errors + EXCLUDED.client_errors,
        server_errors = t.server_errors + EXCLUDED.server_errors,
        first_at = LEAST(t.first_at, EXCLUDED.first_at),
        last_at = GREATEST(t.last_at, EXCLUDED.last_at)
""")
_ADD_ROUTES = """
    INSERT INTO {table} AS t (application_id, {column}, method, route, status, n,
        request_bytes, response_bytes, durations)
    SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::smallint[],
        $6::bigint[], $7::bigint[], $8::bigint[], $9::numeric[])
    ON CONFLICT (application_id, {column}, method, route, status) DO UPDATE SET
        n = t.n + EXCLUDED.n,
        request_bytes = t.request_bytes + EXCLUDED.request_bytes,
        response_bytes = t.response_bytes + EXCLUDED.response_bytes,
        durations = t.durations + EXCLUDED.durations
"""
ADD_MINUTES = Statement(_ADD_ROUTES.format(table="stats_trafficminute", column="minute"))
ADD_HOURS = Statement(_ADD_ROUTES.format(table="stats_traffichour", column="hour"))
ADD_TOTALS = Statement("""
    INSERT INTO stats_traffictotal AS t (application_id, hour, status, n,
        request_bytes, response_bytes, durations)
    SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::smallint[],
        $4::bigint[], $5::bigint[], $6::bigint[], $7::numeric[])
    ON CONFLICT (application_id, hour, status) DO UPDATE SET
        n = t.n + EXCLUDED.n,
        request_bytes = t.request_bytes + EXCLUDED.request_bytes,
        response_bytes = t.response_bytes + EXCLUDED.response_bytes,
        durations = t.durations + EXCLUDED.durations
""")
# What is added to a closed day makes its sums old.
OPEN_DAYS = Statement("""
    DELETE FROM stats_closedtrafficday WHERE day IN (
        SELECT day FROM stats_closedtrafficday WHERE day = ANY ($1::date[]) ORDER BY day FOR UPDATE
    )
""")


class Measured:
    """Requests of one key: how many, how large, how long they took."""

    __slots__ = ("durations", "n", "request_bytes", "response_bytes")

    def __init__(self) -> None:
        self.n = self.request_bytes = self.response_bytes = 0
        self.durations: dict[int, int] = {}

    def add(self, other: "Measured") -> None:
        self.n += other.n
        self.request_bytes += other.request_bytes
        self.response_bytes += other.response_bytes
        for bucket, n in other.durations.items():
            self.durations[bucket] = self.durations.get(bucket, 0) + n

    @property
    def columns(self) -> tuple[int, int, int, bytes]:
        return self.n, self.request_bytes, self.response_bytes, as_numeric(self.durations)


Key = tuple[Any, ...]


class Tally:
    """Counts of some requests by minute and by what they have in common."""

    def __init__(self, requests: Iterable[StoredRequest]) -> None:
        self.minutes: dict[Key, Measured] = {}
        # By application, hour, dimension and value: n, errors of each kind, first and last moment.
        self.values: dict[Key, list[Any]] = {}
        last = minute = hour = FAR
        for request in requests:
            moment = request.occurred_at
            if moment is not last:
                last = moment
                minute, hour = floor(moment, MINUTE), floor(moment, HOUR)
            self._measure(request, minute)
            self._break_down(request, hour)

    def _measure(self, request: StoredRequest, minute: datetime) -> None:
        key = (request.application_id, minute, request.method, request.route, request.status)
        measured = self.minutes.get(key)
        if measured is None:
            measured = self.minutes[key] = Measured()
        measured.n += 1
        measured.request_bytes += request.request_bytes or 0
        measured.response_bytes += request.response_bytes or 0
        measured.durations[request.bucket] = measured.durations.get(request.bucket, 0) + 1

    def _break_down(self, request: StoredRequest, hour: datetime) -> None:
        moment, status, values = request.occurred_at, request.status, self.values
        application_id = request.application_id
        for dimension, column in _COLUMNS:
            value = getattr(request, column)
            if value is None:
                continue
            key = (application_id, hour, dimension, value)
            found = values.get(key)
            if found is None:
                found = values[key] = [0, 0, 0, moment, moment]
            found[0] += 1
            if status >= 400:
                found[1 if status < 500 else 2] += 1
            if moment < found[3]:
                found[3] = moment
            elif moment > found[4]:
                found[4] = moment

    def past_days(self) -> list[date]:
        """The days before today that something is counted for: they may be closed."""
        today = datetime.now(UTC).date()
        return sorted({day for key in self.minutes if (day := key[1].date()) < today})


_COLUMNS = [(int(dimension), dimension.column) for dimension in Dimension]


def additions(tally: Tally) -> list[Work]:
    """What adds the tally to the rollups."""
    if not tally.minutes:
        return []
    hours: dict[Key, Measured] = {}
    totals: dict[Key, Measured] = {}
    for (application_id, minute, method, route, status), measured in tally.minutes.items():
        hour = floor(minute, HOUR)
        hours.setdefault((application_id, hour, method, route, status), Measured()).add(measured)
        totals.setdefault((application_id, hour, status), Measured()).add(measured)
    work = [(ADD_MINUTES, _measured(_ROUTE, tally.minutes))]
    if past := tally.past_days():  # after the minutes: whoever closes the day holds these
        work.append((OPEN_DAYS, [arrays.dates(past)]))
    if tally.values:
        rows = [(*key, *found) for key, found in sorted(tally.values.items())]
        work.append((ADD_VALUES, _columns(_VALUE, rows)))
    work.append((ADD_HOURS, _measured(_ROUTE, hours)))
    work.append((ADD_TOTALS, _measured(_TOTAL, totals)))
    return work


_MEASURED = (arrays.bigints, arrays.bigints, arrays.bigints, arrays.numerics)
_TOTAL = (arrays.bigints, arrays.timestamps, arrays.smallints, *_MEASURED)
_ROUTE = (
    arrays.bigints, arrays.timestamps, arrays.texts, arrays.texts, arrays.smallints, *_MEASURED,
)  # fmt: skip
_VALUE = (
    arrays.bigints, arrays.timestamps, arrays.smallints, arrays.texts,
    arrays.bigints, arrays.bigints, arrays.bigints, arrays.timestamps, arrays.timestamps,
)  # fmt: skip


def _measured(encoders: Iterable[Any], rows: dict[Key, Measured]) -> Columns:
    return _columns(encoders, [(*key, *rows[key].columns) for key in sorted(rows)])


def _columns(encoders: Iterable[Any], rows: Sequence[Key]) -> Columns:
    columns = zip(*rows, strict=True)
    return [encoded(column) for encoded, column in zip(encoders, columns, strict=True)]
