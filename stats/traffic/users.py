"""How many different users a range has: exact while they are few, else by sketches.

A closed day keeps its users' hashes, or where there are more than FEW of them a HyperLogLog sketch
of 2 KB, which tells their number within 2 %; sketches of several days add up to one of their union.
Hours, and the ends of a range, are read user by user.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from psycopg import sql

from stats.asking import Asking, asked
from stats.cover import Cover, cover_by_rows, cover_messages
from stats.reading import Source, moments, statement, tail, union, where
from stats.traffic.conditions import conditions
from stats.traffic.criteria import Criteria
from stats.traffic.days import closed_days
from stats.traffic.dimensions import Dimension
from stats.traffic.measures import MOST_GONE, length
from stats.traffic.slicing import sliced

FEW = 1_000
_LOG_REGISTERS = 12

ROWS = """
    SELECT {bucket_of_row} AS bucket, hashtextextended("user", 0) AS hash FROM traffic_request
    WHERE {where} AND "user" IS NOT NULL
"""
HOURS = """
    SELECT {bucket_of_hour} AS bucket, hashtextextended(value, 0) AS hash
    FROM stats_trafficvaluehour WHERE {where}
"""
HASHES = """
    SELECT bucket, array_agg(hash)
    FROM (SELECT bucket, hash FROM ({found}) AS found GROUP BY bucket, hash) AS users
    GROUP BY bucket
"""
COUNT = "SELECT count(*) FROM (SELECT hash FROM ({found}) AS found GROUP BY hash) AS users"
DAYS = "SELECT day, users, sketch FROM stats_trafficusersday WHERE {where}"


class Users:
    """Different users, gathered from several places."""

    def __init__(self) -> None:
        self._hashes: set[int] = set()
        self._sketches: list[bytes] = []

    def add(self, hashes: Iterable[int] | None, sketch: bytes | None = None) -> None:
        self._hashes.update(hashes or ())
        if sketch is not None:
            self._sketches.append(bytes(sketch))

    def __len__(self) -> int:
        """Exact where no day had more than FEW, within 2 % elsewhere."""
        if not self._sketches:
            return len(self._hashes)
        estimate: float = _sketched(self._hashes, self._sketches).get_estimate()
        return round(estimate)


def summed_up(hashes: Collection[int]) -> tuple[list[int] | None, bytes | None]:
    """What is kept of the different users of a day: their hashes, or a sketch of them."""
    if len(hashes) <= FEW:
        return list(hashes), None
    return None, _sketched(hashes, ()).serialize_compact()


def _sketched(hashes: Iterable[int], sketches: Iterable[bytes]) -> Any:
    # It brings numpy, 20 MB of a process: only where there are so many users.
    from datasketches import hll_sketch, hll_union, tgt_hll_type

    union = hll_union(_LOG_REGISTERS)
    for sketch in sketches:
        union.update(hll_sketch.deserialize(sketch))
    for hash_ in hashes:
        union.update(hash_)
    return union.get_result(tgt_hll_type.HLL_4)


@asked
def distinct_users(application_id: int, criteria: Criteria) -> Asking[int]:
    """How many different users the requests come from that meet the criteria."""
    if criteria.chooses and (chosen := sliced(application_id, criteria)):
        return chosen.users()
    pieces = _pieces(criteria, (), by_minute=False)
    if not pieces.days:  # then nothing has to leave the database
        found = _hashes(application_id, criteria, (), pieces)
        if not found:
            return 0
        [[(count,)]] = yield [statement(COUNT, found=found)]
        return int(count)
    [users] = yield from _read(application_id, criteria, (), pieces)
    return len(users)


@asked
def distinct_users_by_bucket(
    application_id: int, criteria: Criteria, starts: Sequence[datetime], *, by_minute: bool
) -> Asking[list[int]]:
    """The different users of each bucket; `starts` are those of buckets.bucket_starts."""
    pieces = _pieces(criteria, starts, by_minute)
    by_row = criteria.chooses or length(pieces.rows) > MOST_GONE
    if by_row and (chosen := sliced(application_id, criteria)):
        return chosen.users_by_bucket(starts)
    users = yield from _read(application_id, criteria, starts, pieces)
    return list(map(len, users))


def _read(
    application_id: int, criteria: Criteria, starts: Sequence[datetime], pieces: Cover
) -> Asking[list[Users]]:
    one_by_one = _hashes(application_id, criteria, starts, pieces)
    of_days = Source(DAYS, "day", where(application_id, None)).over(pieces.days)
    statements = [statement(HASHES, found=one_by_one)] if one_by_one else []
    found = yield [*statements, *([union(of_days)] if of_days else [])]
    users = [Users() for _ in starts or (None,)]
    if one_by_one:
        for bucket, hashes in found[0]:
            users[bucket].add(hashes)
    if of_days:
        for day, hashes, sketch in found[-1]:
            users[max(bisect_right(starts, day) - 1, 0)].add(hashes, sketch)
    return users


def _pieces(criteria: Criteria, starts: Sequence[datetime], by_minute: bool) -> Cover:
    since, until = criteria.since, criteria.until
    if by_minute or criteria.chooses:
        return cover_by_rows(since, until)
    return cover_messages(since, until, starts, closed_days(since, until))


def _hashes(
    application_id: int, criteria: Criteria, starts: Sequence[datetime], pieces: Cover
) -> sql.Composed | None:
    """The users that are read one by one."""
    whose = where(application_id, None)
    named = whose + sql.SQL(" AND dimension = {} AND n > 0").format(int(Dimension.USER))
    chosen = conditions(application_id, criteria)
    rows = Source(ROWS, "occurred_at", chosen, {"bucket_of_row": _bucket("occurred_at", starts)})
    hours = Source(HOURS, "hour", named, {"bucket_of_hour": _bucket("hour", starts)})
    branches = [
        *rows.over(pieces.rows),
        *hours.over(pieces.hours + pieces.cut_days),
        *tail(pieces.tail, application_id, rows, hours, "traffic_request"),
    ]
    return union(branches) if branches else None


def _bucket(column: str, starts: Sequence[datetime]) -> sql.Composable:
    if not starts:
        return sql.SQL("0")
    return sql.SQL("width_bucket({}, {}::timestamptz[]) - 1").format(
        sql.Identifier(column), moments(starts)
    )
