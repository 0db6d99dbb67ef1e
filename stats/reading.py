"""What all readers of the rollups share: conditions as literals, and rows.

Literals, not parameters: planning then leaves the other days' partitions out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from psycopg import sql

from stats import asking
from stats.asking import Rows
from stats.cover import DAY, HOUR, Range

# The parts of the days from {first} to {last} that starts of buckets make, each with the number of
# the day's hours, or quarters of them, before it and by its end: `hours` or `quarters` of a closed
# day tell their difference.
# OFFSET: else PostgreSQL works them out again for each row that they are joined to.
PARTS_OF_DAYS = """
    SELECT day, bucket - 1 AS bucket, GREATEST(starts[bucket], day) AS at,
        (extract(epoch FROM GREATEST(starts[bucket], day) - day) / {seconds})::int AS before,
        (extract(epoch FROM LEAST(starts[bucket + 1], day + interval '24 hours') - day)
            / {seconds})::int AS by_end
    FROM (SELECT {starts}::timestamptz[] AS starts) AS buckets
    CROSS JOIN generate_series(
        {first}::timestamptz, {last}::timestamptz, interval '24 hours') AS day
    CROSS JOIN LATERAL generate_series(
        width_bucket(day, starts), width_bucket(day + {end}, starts)) AS bucket
    OFFSET 0
"""

# One application, or several together.
Applications = int | Sequence[int]
SECOND = timedelta(seconds=1)
# Only these levels; None for all.
Levels = Sequence[int] | None

# Whether there are rows between the end of a range and the end of its hour.
LATER = "EXISTS (SELECT FROM {table} WHERE {where})"
EVENTS = "events_event"


def where(application_ids: Applications, levels: Levels) -> sql.Composed:
    if isinstance(application_ids, int):
        condition = sql.SQL("application_id = {}").format(sql.Literal(application_ids))
    else:
        ids = sql.Literal(list(application_ids))
        condition = sql.SQL("application_id = ANY ({}::bigint[])").format(ids)
    if levels is not None:
        condition += sql.SQL(" AND level = ANY ({}::smallint[])").format(sql.Literal(list(levels)))
    return condition


def within(column: str, piece: Range) -> sql.Composed:
    """The condition that a moment lies in a range."""
    return sql.SQL(" AND {column} >= {low} AND {column} < {high}").format(
        column=sql.Identifier(column), low=sql.Literal(piece[0]), high=sql.Literal(piece[1])
    )


@dataclass(frozen=True, slots=True)
class Source:
    """A statement over one table, and whose rows of it."""

    select: str
    column: str  # of the moment
    whose: sql.Composed
    parts: Mapping[str, sql.Composable] = field(default_factory=dict)

    def over(self, pieces: Iterable[Range]) -> list[sql.Composed]:
        """The statement over each piece, so that each names only the days that it needs."""
        return [self.over_if(piece, sql.SQL("")) for piece in pieces]

    def over_if(self, piece: Range, condition: sql.Composable) -> sql.Composed:
        where = self.whose + within(self.column, piece) + condition
        return sql.SQL(self.select).format(where=where, **self.parts)


def moments(starts: Iterable[datetime]) -> sql.Literal:
    """Moments for a `::timestamptz[]`; psycopg takes ten times as long over a list of them."""
    return sql.Literal(f"{{{','.join(start.isoformat() for start in starts)}}}")


def in_parts(
    pieces: Iterable[Range],
    starts: Sequence[datetime],
    source: Source,
    *,
    unit: timedelta = HOUR,
) -> list[sql.Composed]:
    """Closed days in the parts that the starts of buckets make, for the source to join.

    `unit` is the length of what the days' sums tell of.
    """
    found: list[sql.Composed] = []
    for low, high in pieces:
        parts = sql.SQL(PARTS_OF_DAYS).format(
            starts=moments(starts),
            first=sql.Literal(low),
            last=sql.Literal(high - DAY),
            seconds=sql.Literal(unit // SECOND),
            end=sql.Literal(DAY - unit),
        )
        found += replace(source, parts={**source.parts, "parts": parts}).over([(low, high)])
    return found


def tail(
    pieces: Iterable[Range],
    application_ids: Applications,
    rows: Source,
    hours: Source,
    table: str = EVENTS,
) -> list[sql.Composed]:
    """The hour in which a range ends: read as a whole, unless more came after the end.

    Where a range ends now this spares the rows of up to an hour, many where it is a busy one.
    PostgreSQL looks and leaves one of the two branches alone, so that it is exact.
    """
    found: list[sql.Composed] = []
    for hour, until in pieces:
        after = where(application_ids, None) + within(rows.column, (until, hour + HOUR))
        later = sql.SQL(LATER).format(table=sql.Identifier(table), where=after)
        found += [
            rows.over_if((hour, until), sql.SQL(" AND ") + later),
            hours.over_if((hour, hour + HOUR), sql.SQL(" AND NOT ") + later),
        ]
    return found


def union(*statements: Iterable[sql.Composable]) -> sql.Composed:
    """Branches as one statement, so that all are read from one snapshot."""
    return sql.SQL(" UNION ALL ").join([branch for listed in statements for branch in listed])


def statement(template: str, **parts: sql.Composable) -> sql.Composed:
    """A statement whose `{name}`s are these parts."""
    return sql.SQL(template).format(**parts)


def rows(template: str, **parts: sql.Composable) -> Rows:
    """What such a statement answers."""
    return asking.rows(statement(template, **parts))
