"""The other period that the figures of a range are told against. Pure.

Buckets are matched by their position. Days begin at midnight in both periods, so that one of them
may have an hour more or less where the clocks change; hours and minutes pass evenly: where the
clocks change within one of the periods, from then on 10:00 stands beside 9:00 or 11:00.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from dashboard.ranges import Span
from stats.buckets import Interval, bucket_end, midnight
from stats.cover import HOUR, MINUTE, floor

BEFORE, WEEK = "before", "week"
PERIODS = {BEFORE: "Period before", WEEK: "Same time a week ago"}
# Within a sentence.
SHORT = {BEFORE: "period before", WEEK: "a week ago"}
_UNITS = {Interval.MINUTE: MINUTE, Interval.HOUR: HOUR}
_WEEK = timedelta(days=7)

Choice = str | datetime  # one of PERIODS, or when the other period begins


@dataclass(frozen=True, slots=True)
class Comparison:
    """Another period, as long as what has passed of the range, to the minute."""

    since: datetime
    until: datetime
    starts: Sequence[datetime]  # of its buckets, as many as the range has
    end: datetime  # of what is read of its buckets: as much as the range has of its own


def comparison(choice: Choice, span: Span, starts: Sequence[datetime], zone: tzinfo) -> Comparison:
    """The period of this choice; `starts` are those of the range's buckets."""
    edges = [*starts, bucket_end(starts[-1], span.interval, zone)]
    others = _moved(edges, _first(choice, edges, span.interval, zone), span.interval, zone)
    passed = floor(span.end, MINUTE) if span.ends_now else span.end
    return Comparison(
        since=_beside(span.since, edges, others),
        until=_beside(max(passed, span.since), edges, others),
        starts=others[:-1],
        end=_beside(span.until, edges, others),
    )


def _first(choice: Choice, edges: Sequence[datetime], interval: Interval, zone: tzinfo) -> datetime:
    """When the first bucket of the other period begins, or a moment of that day."""
    if isinstance(choice, datetime):
        return floor(choice, _UNITS.get(interval, MINUTE))
    first, last = (edge.astimezone(zone) for edge in (edges[0], edges[-1]))
    if interval not in _UNITS:
        days = _WEEK if choice == WEEK else last.date() - first.date()
        return midnight(first.date() - days, zone)
    if choice == WEEK:  # by the clock: it may be an hour more or less
        return floor((first - _WEEK).astimezone(UTC), _UNITS[interval])
    return edges[0] - (edges[-1] - edges[0])


def _moved(
    edges: Sequence[datetime], first: datetime, interval: Interval, zone: tzinfo
) -> list[datetime]:
    """Starts of buckets, and the last one's end, moved to begin at `first`."""
    if interval in _UNITS:
        return [edge - (edges[0] - first) for edge in edges]
    days = edges[0].astimezone(zone).date() - first.astimezone(zone).date()
    return [midnight(edge.astimezone(zone).date() - days, zone) for edge in edges]


def _beside(moment: datetime, edges: Sequence[datetime], others: Sequence[datetime]) -> datetime:
    """The moment at the same place of the same bucket, which may be a shorter one."""
    place = min(max(bisect_right(edges, moment) - 1, 0), len(edges) - 2)
    return min(others[place] + (moment - edges[place]), others[place + 1])
