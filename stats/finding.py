"""Finds events, newest first, without scanning a history: the rollups tell where to look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from psycopg import sql

from events.models import Event, EventQuerySet
from events.records import EPOCH, moment_of
from stats.cover import HOUR, Range, floor
from stats.reading import Levels, rows, where, within
from stats.rollups import digest
from stats.spans import MILLISECOND, Busy, Plan, plan

# What no rollup tells has to be looked for event by event: so many for a page, then the reader
# says whether to go on.
MOST_ROWS = 50_000
MOST_SPANS = 100
FAR = datetime(3000, 1, 1, tzinfo=UTC)

BUSY = """
    SELECT hour, sum(n) FILTER (WHERE {chosen})::bigint AS chosen,
        max(last_id::text COLLATE "C") FILTER (WHERE {chosen})::uuid, sum(n)::bigint
    FROM stats_hourcount WHERE {where}
    GROUP BY hour HAVING sum(n) FILTER (WHERE {chosen}) > 0 ORDER BY hour DESC LIMIT {limit}
"""
BUSY_WITH_MESSAGE = """
    SELECT hour, said.n::bigint, said.last_id::uuid, sum(total.n)::bigint
    FROM (
        SELECT hour, sum(n) AS n, max(last_id::text COLLATE "C") AS last_id
        FROM stats_messagecount WHERE {where} AND digest = {digest} AND {chosen}
        GROUP BY hour HAVING sum(n) > 0 ORDER BY hour DESC LIMIT {limit}
    ) AS said
    JOIN (SELECT hour, n FROM stats_hourcount WHERE {where}) AS total USING (hour)
    GROUP BY 1, 2, 3 ORDER BY hour DESC
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


@dataclass(frozen=True, slots=True)
class Page:
    """Events, newest first, and what to give as `before` for more; None where that is all.

    `searched_until` is how far back was looked where the page ends before it is full.
    """

    events: list[Event]
    next: UUID | None
    searched_until: datetime | None


def find(application_id: int, criteria: Criteria, *, before: UUID | None, limit: int) -> Page:
    """A page of the events that meet the criteria, without their stack, data and user.

    Looks at a bounded number of events: a page may end before it is full, and its `next` goes on.
    """
    planned = _planned(application_id, criteria, before, limit + 1)
    events = _matching(Event.objects.of(application_id), criteria)
    if before is not None:
        events = events.before(before)
    found = _read(events.defer("stack", "data", "user"), planned.spans, limit + 1)
    if len(found) > limit:
        return Page(found[:limit], found[limit - 1].id, None)
    searched_until = planned.floor
    return Page(found, _cursor(searched_until) if searched_until else None, searched_until)


def _planned(application_id: int, criteria: Criteria, before: UUID | None, enough: int) -> Plan:
    low, high = criteria.since, min(criteria.until, _end(before, criteria.until))
    if low >= high:
        return Plan((), None)
    told = criteria.told_by_rollups
    anything = criteria.levels is None and criteria.message is None
    planned = plan(
        # Each hour has at least one, but the two that the range cuts may have none in it.
        _busy(application_id, criteria, (low, high), enough + 2 if told else None),
        (low, high),
        enough=enough if told else None,
        most_rows=MOST_ROWS,
        most_spans=10**9 if anything else MOST_SPANS,
    )
    if anything and planned.spans:  # nothing lies between them
        return Plan([(planned.spans[-1][0], planned.spans[0][1])], planned.floor)
    return planned


def _end(before: UUID | None, otherwise: datetime) -> datetime:
    """The end of what can come after `before` in the list."""
    if before is None:
        return otherwise
    try:
        moment = moment_of(before)
        return moment if before == _cursor(moment) else moment + MILLISECOND
    except OverflowError:  # no id of ours: everything comes after it
        return otherwise


def _busy(
    application_id: int, criteria: Criteria, searched: Range, limit: int | None
) -> list[Busy]:
    whose = where(application_id, None)
    hours = within("hour", (floor(searched[0], HOUR), searched[1]))
    chosen: sql.Composable = sql.SQL("true")
    if criteria.levels is not None:
        chosen = sql.SQL("level = ANY ({}::smallint[])").format(sql.Literal(list(criteria.levels)))
    statement, parts = BUSY, {"where": whose + hours, "chosen": chosen}
    if criteria.message is not None:
        statement = BUSY_WITH_MESSAGE
        parts["digest"] = sql.Literal(digest(criteria.message))
    return [Busy(*row) for row in rows(statement, limit=sql.Literal(limit), **parts)]


def _matching(events: EventQuerySet, criteria: Criteria) -> EventQuerySet:
    events = events.since(criteria.since).until(criteria.until)
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
    """The newest of these spans: a branch for each, so that each reads only its own days."""
    pages = [events.since(low).until(high).newest_first()[:limit] for low, high in spans]
    if len(pages) < 2:
        return [event for page in pages for event in page]
    return list(pages[0].union(*pages[1:], all=True).order_by("-received_at", "-id")[:limit])


def _cursor(moment: datetime) -> UUID:
    """The least UUIDv7 of a moment: before it comes all that is older."""
    milliseconds = (moment - EPOCH) // MILLISECOND
    return UUID(int=milliseconds << 80 | 0x7000 << 64 | 0b10 << 62)


# --- The same message before and after -----------------------------------------------------

OLDER_HOUR = """
    SELECT last_id FROM stats_messagecount WHERE {where} AND digest = {digest}
    ORDER BY hour DESC, last_id DESC LIMIT 1
"""
NEWER_HOUR = """
    SELECT hour FROM stats_messagecount WHERE {where} AND digest = {digest}
    ORDER BY hour LIMIT 1
"""


def neighbours(event: Event) -> tuple[UUID | None, UUID | None]:
    """The ids of the next older and the next newer event of the same message and application.

    At most the rows of two hours are looked at: the message's rollups tell the other hours.
    """
    return _older(event), _newer(event)


def _older(event: Event) -> UUID | None:
    hour = floor(event.received_at, HOUR)
    here = _first_id(_same(event).since(hour).before(event.id).newest_first())
    if here is not None:
        return here
    last_id: UUID | None = _told(OLDER_HOUR, event, (EPOCH, hour))
    return last_id


def _newer(event: Event) -> UUID | None:
    end = floor(event.received_at, HOUR) + HOUR
    here = _first_id(_same(event).after(event.id).until(end).oldest_first())
    if here is not None:
        return here
    hour: datetime | None = _told(NEWER_HOUR, event, (end, FAR))
    if hour is None:
        return None
    return _first_id(_same(event).since(hour).until(hour + HOUR).oldest_first())


def _same(event: Event) -> EventQuerySet:
    return Event.objects.of(event.application_id).filter(message=event.message)


def _first_id(events: EventQuerySet) -> UUID | None:
    return events.values_list("id", flat=True).first()


def _told(statement: str, event: Event, searched: Range) -> Any:
    """What the message's rollups tell of a range; None where they have nothing there."""
    parts = {
        "where": where(event.application_id, None) + within("hour", searched),
        "digest": sql.Literal(digest(event.message)),
    }
    return next((told for (told,) in rows(statement, **parts)), None)
