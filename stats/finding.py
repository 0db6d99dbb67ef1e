"""Finds events, newest first, without scanning a history: the rollups tell where to look."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from events.models import Event, EventQuerySet
from events.records import EPOCH, moment_of
from stats import places
from stats.cover import DAY, HOUR, MINUTE, Range, floor
from stats.places import Sought
from stats.reading import Levels
from stats.rollups import digest
from stats.spans import MILLISECOND, NOTHING, Plan, hull, plan

# What no rollup tells has to be looked for event by event: so many for a page, about; then the
# reader is asked whether to go on.
MOST_ROWS = 50_000
# Where more would be looked at, minutes tell better than hours.
FINE_ROWS = 5_000
# Hours are no bound for rare levels, whose minutes are known: of so many times the rows.
HOURS_OF_LEVELS = 10
# Of a level that has more an hour, most minutes have some: to read those tells nothing.
FEW_AN_HOUR = 15

PAGE = """
    SELECT found.* FROM unnest(%s::timestamptz[], %s::timestamptz[]) AS span (low, high)
    CROSS JOIN LATERAL (
        {events} AND received_at >= span.low AND received_at < span.high
        ORDER BY received_at DESC, id DESC LIMIT %s
    ) AS found
    ORDER BY received_at DESC, id DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What is looked for: all of it must be true of an event."""

    since: datetime
    until: datetime
    levels: Levels = None
    message: str | None = None  # the whole of it
    text: str | None = None  # a part of it, in any case
    tags: Sequence[tuple[str, str]] = ()
    environment: str | None = None
    release: str | None = None
    logger: str | None = None

    @property
    def told_by_rollups(self) -> bool:
        """Whether the rollups tell how many events there are to find."""
        others = (self.text, self.tags, self.environment, self.release, self.logger)
        return not any(others)

    @property
    def nothing(self) -> bool:
        """Whether no event can meet them."""
        return self.levels is not None and not self.levels


@dataclass(frozen=True, slots=True)
class Page:
    """Events, newest first, and what to give as `before` for more; None where that is all.

    `searched_until` is how far back was looked where the page ends before it is full.
    """

    events: list[Event]
    next: UUID | None
    searched_until: datetime | None


def find(
    application_id: int,
    criteria: Criteria,
    *,
    before: UUID | None,
    limit: int,
    whole: bool = False,
    times: int = 1,
) -> Page:
    """A page of the events that meet the criteria; `whole` ones with stack, data and user.

    Looks at a bounded number of events, `times` as many as for a page of the dashboard: a page may
    end before it is full, and its `next` goes on.
    """
    message = criteria.message
    sought = Sought(application_id, criteria.levels, None if message is None else digest(message))
    searched = criteria.since, end(before, criteria.until)
    enough = limit + 1 if criteria.told_by_rollups else None
    planned = _planned(sought, searched, enough, MOST_ROWS * times)
    events = matching(Event.objects.of(application_id), criteria)
    if before is not None:
        events = events.before(before)
    if not whole:
        events = events.defer("stack", "data", "user")
    found = _read(events, planned.spans, limit + 1)
    if len(found) > limit:
        return Page(found[:limit], found[limit - 1].id, None)
    searched_until = planned.floor
    return Page(found, _cursor(searched_until) if searched_until else None, searched_until)


def end(before: UUID | None, until: datetime) -> datetime:
    """The end of what comes after `before` in the list, of what was received before `until`."""
    if before is None:
        return until
    try:
        moment = moment_of(before)
        return min(until, moment if before == _cursor(moment) else moment + MILLISECOND)
    except OverflowError:  # no id of ours: everything comes after it
        return until


def _cursor(moment: datetime) -> UUID:
    """The least UUIDv7 of a moment: after it in the list comes all that is older."""
    milliseconds = (moment - EPOCH) // MILLISECOND
    return UUID(int=milliseconds << 80 | 0x7000 << 64 | 0b10 << 62)


def _planned(sought: Sought, searched: Range, enough: int | None, most_rows: int) -> Plan:
    """Where to look for so many events; None where nobody knows how many will do.

    From coarse to fine: days, their hours and, where these hold many others, their minutes.
    """
    if searched[0] >= searched[1]:
        return NOTHING
    # Each unit has one at least, but the two that the range cuts may have none in it; and one
    # more, to see whether that is all.
    limit = None if enough is None else enough + 3
    wanted = most_rows if enough is None else enough
    planned = Plan([searched], None, 0)
    if searched[1] - searched[0] > places.FEW:
        planned = plan(places.days(sought, searched, limit), DAY, searched, enough=wanted)
    sparse = False
    if planned.spans:
        units = places.hours(sought, planned.spans, limit)
        sparse = _by_level(sought) and sum(unit.n for unit in units) < len(units) * FEW_AN_HOUR
        rows = most_rows * HOURS_OF_LEVELS if sparse else most_rows
        planned = planned.then(units, HOUR, searched, enough=wanted, most_rows=rows)
    if planned.rows > (FINE_ROWS if sparse or sought.digest else 2 * most_rows):
        units = places.minutes(sought, planned.spans)
        wanted = most_rows if sought.digest else wanted  # of the others' messages too
        planned = planned.then(units, MINUTE, searched, enough=wanted, most_rows=most_rows)
    if sought.anything and planned.spans:  # nothing lies between them
        return replace(planned, spans=[hull(planned.spans)])
    return planned


def _by_level(sought: Sought) -> bool:
    return sought.levels is not None and sought.digest is None


def matching(events: EventQuerySet, criteria: Criteria) -> EventQuerySet:
    if criteria.levels is not None:
        events = events.filter(level__in=criteria.levels)
    if criteria.message is not None:
        events = events.filter(message=criteria.message)
    if criteria.text:
        events = events.saying(criteria.text)
    for name, value in criteria.tags:
        events = events.tagged(name, value)
    exact = {
        "environment": criteria.environment,
        "release": criteria.release,
        "logger": criteria.logger,
    }
    return events.filter(**{name: value for name, value in exact.items() if value})


def _read(events: EventQuerySet, spans: Sequence[Range], limit: int) -> list[Event]:
    """The newest of these spans, each read by itself, newest first, in one statement."""
    if not spans:
        return []
    low, high = hull(spans)
    selected, parameters = events.since(low).until(high).query.sql_with_params()
    lows, highs = zip(*spans, strict=True)
    statement = PAGE.format(events=selected)
    return list(Event.objects.raw(statement, [list(lows), list(highs), *parameters, limit, limit]))


def neighbours(event: Event) -> tuple[UUID | None, UUID | None]:
    """The ids of the next older and the next newer event of the same message and application.

    At most the rows of two hours are looked at: the message's rollups tell the other hours.
    """
    sought = Sought(event.application_id, digest=digest(event.message))
    said = Event.objects.of(event.application_id).filter(message=event.message)
    return _older(event, said, sought), _newer(event, said, sought)


def _older(event: Event, said: EventQuerySet, sought: Sought) -> UUID | None:
    hour = floor(event.received_at, HOUR)
    here = said.since(hour).before(event.id).newest_first()
    return _first_id(here) or places.newest(sought, before=hour)


def _newer(event: Event, said: EventQuerySet, sought: Sought) -> UUID | None:
    end = floor(event.received_at, HOUR) + HOUR
    if here := _first_id(said.after(event.id).until(end).oldest_first()):
        return here
    hour = places.oldest_hour(sought, since=end)
    if hour is None:
        return None
    return _first_id(said.since(hour).until(hour + HOUR).oldest_first())


def _first_id(events: EventQuerySet) -> UUID | None:
    return events.values_list("id", flat=True).first()
