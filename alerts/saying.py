"""How many events with a text came in each minute: rows are read of minutes that may matter, only.

Rollups by the minute know no texts, but bounds: how many events of all messages came in a minute,
and how often messages with the text were said within its hour.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from uuid import UUID

from django.db import connection

from alerts import minutes
from alerts.records import ManyEvents
from alerts.spells import MINUTE, sums
from alerts.texts import texts
from events.records import LEVELS
from stats.cover import Range, floor

HOUR = timedelta(hours=1)
# Of messages in hours, and of texts to look up; where there are more, minutes have to do.
MOST_SAID, MOST_TEXTS = 50_000, 5_000

# By the primary key (application_id, hour, level, digest).
_SAID = """
    SELECT hour, digest, sum(n)::bigint, max(last_id::text COLLATE "C")::uuid
    FROM stats_messagecount
    WHERE application_id = %s AND hour = ANY(%s::timestamptz[]) AND level >= %s AND n > 0
    GROUP BY hour, digest LIMIT %s
"""
# By the primary key (application_id, received_at, id), one span after another.
_ROWS = """
    SELECT date_trunc('minute', said.received_at, 'UTC'), count(*)
    FROM unnest(%s::timestamptz[], %s::timestamptz[]) AS span (low, high)
    CROSS JOIN LATERAL (
        SELECT received_at FROM events_event
        WHERE application_id = %s AND received_at >= span.low AND received_at < span.high
            AND level >= %s AND strpos(lower(message), lower(%s)) > 0
        OFFSET 0
    ) AS said
    GROUP BY 1
"""


def counted(application_id: int, rule: ManyEvents, since: datetime, until: datetime) -> list[int]:
    """How many events of a rule came in each minute; 0 where its bound can't be passed."""
    spans = _spans(application_id, rule, since, until)
    found: dict[datetime, int] = {}
    if spans:
        lows, highs = zip(*spans, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(
                _ROWS,
                [list(lows), list(highs), application_id, LEVELS[rule.level], rule.contains],
            )
            found = dict(cursor.fetchall())
    return [found.get(minute, 0) for minute in minutes.starts(since, until)]


def readable_since(
    application_id: int, rule: ManyEvents, since: datetime, until: datetime, most_rows: int
) -> datetime:
    """From when on a rule can be told of without reading more rows than so many, about."""
    before = 2 * rule.minutes * MINUTE
    spans = _spans(application_id, rule, since - before, until)
    if not spans:
        return since
    rows = minutes.events(application_id, spans[0][0], until, 0)
    for minute in _backwards(spans):
        most_rows -= rows[(minute - spans[0][0]) // MINUTE]
        if most_rows < 0:
            return min(until, max(since, minute + MINUTE + before))
    return since


def _backwards(spans: Sequence[Range]) -> Iterator[datetime]:
    for low, high in reversed(spans):
        yield from reversed(minutes.starts(low, high))


def _spans(
    application_id: int, rule: ManyEvents, since: datetime, until: datetime
) -> Sequence[Range]:
    """Where more events with the text than the bound may have come within the rule's minutes."""
    counts = minutes.events(application_id, since, until, LEVELS[rule.level])
    passed = [total > rule.more_than for total in sums(counts, rule.minutes)]
    hours = _hours(minute for minute, _ in _needed(since, passed, rule.minutes))
    said = _said(application_id, rule, hours) if hours else {}
    if said is not None:
        first = floor(since, HOUR)
        before = [0, *accumulate(said.get(hour, 0) for hour in _every_hour(first, until))]
        for index in range(len(passed)):
            low = max(since, since + (index + 1 - rule.minutes) * MINUTE)
            last = (since + index * MINUTE - first) // HOUR + 1
            passed[index] &= before[last] - before[(low - first) // HOUR] > rule.more_than
    return _merged(_needed(since, passed, rule.minutes))


def _said(
    application_id: int, rule: ManyEvents, hours: Sequence[datetime]
) -> dict[datetime, int] | None:
    """How often messages with the text were said in each of these hours; None: too many to ask."""
    with connection.cursor() as cursor:
        level = LEVELS[rule.level]
        cursor.execute(_SAID, [application_id, list(hours), level, MOST_SAID + 1])
        said = cursor.fetchall()
    newest: dict[UUID, UUID] = {digest: last_id for _, digest, _, last_id in said}
    if len(said) > MOST_SAID or len(newest) > MOST_TEXTS:
        return None
    known = texts(application_id, newest.values())
    counts: dict[datetime, int] = {}
    for hour, digest, n, _ in said:
        # Of an event that is deleted meanwhile nobody knows what it said.
        text = known.get(newest[digest])
        if text is None or rule.contains.lower() in text.lower():
            counts[hour] = counts.get(hour, 0) + n
    return counts


def _needed(since: datetime, passed: Sequence[bool], width: int) -> Iterator[Range]:
    """The minutes that what passed is the sum of."""
    after = sums([int(each) for each in reversed(passed)], width)
    for index, needed in enumerate(reversed(after)):
        if needed:
            yield since + index * MINUTE, since + (index + 1) * MINUTE


def _merged(ranges: Iterable[Range]) -> list[Range]:
    found: list[Range] = []
    for low, high in ranges:
        if found and found[-1][1] == low:
            found[-1] = (found[-1][0], high)
        else:
            found.append((low, high))
    return found


def _hours(moments: Iterable[datetime]) -> list[datetime]:
    return sorted({floor(moment, HOUR) for moment in moments})


def _every_hour(first: datetime, until: datetime) -> Iterator[datetime]:
    while first < until:
        yield first
        first += HOUR
