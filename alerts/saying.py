"""How many events with a text came in each minute: rows are read of minutes that may matter, only.

Rollups by the minute know no texts, but bounds: how many events of all messages came in a minute,
and how often messages with the text were said within its hour.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import accumulate, groupby

from django.db import connection

from alerts import kept, minutes
from alerts.records import ManyEvents
from alerts.spells import sums
from alerts.texts import texts
from events.records import LEVELS
from stats.buckets import Interval
from stats.cover import HOUR, MINUTE, Range, ceil, floor
from stats.messages import message_sparklines

MOST_TEXTS = 10_000  # are looked up; where there are more messages, minutes have to do

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
    if not any(passed):
        return []
    first = floor(since, HOUR)
    said = _said(application_id, rule, first, ceil(until, HOUR))
    if said is not None:
        before, offset = [0, *accumulate(said)], (since - first) // MINUTE
        for last in (last for last, each in enumerate(passed) if each):
            low, high = max(0, last + 1 - rule.minutes) + offset, last + offset
            passed[last] = before[high // 60 + 1] - before[low // 60] > rule.more_than
    return _summed(since, passed, rule.minutes)


def _said(
    application_id: int, rule: ManyEvents, since: datetime, until: datetime
) -> list[int] | None:
    """How often messages with the text were said in each hour; None: there are too many."""
    level = LEVELS[rule.level]
    newest = kept.newest(application_id, since, until, level, MOST_TEXTS + 1)
    if len(newest) > MOST_TEXTS:
        return None
    known = texts(application_id, newest.values())
    # Of an event that was deleted meanwhile nobody knows what it said.
    digests = [
        digest
        for digest, last_id in newest.items()
        if rule.contains.lower() in known.get(last_id, rule.contains).lower()
    ]
    levels = [number for number in LEVELS.values() if number >= level]
    if not digests:
        return [0] * ((until - since) // HOUR)
    lines = message_sparklines(application_id, digests, since, until, Interval.HOUR, levels=levels)
    return [sum(hour) for hour in zip(*lines.values(), strict=True)]


def _summed(since: datetime, passed: Sequence[bool], width: int) -> list[Range]:
    """The minutes that what passed is the sum of."""
    needed = sums([int(each) for each in reversed(passed)], width)[::-1]
    found, index = [], 0
    for is_needed, those in groupby(bool(each) for each in needed):
        end = index + len(list(those))
        if is_needed:
            found.append((since + index * MINUTE, since + end * MINUTE))
        index = end
    return found
