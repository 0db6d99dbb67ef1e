"""Lists events, newest first, for readers who follow the pages to their end: full pages, exact.

Where the newest events fill a page it takes one statement; where they don't, the rollups tell
where to look.
"""

import time
from datetime import UTC, datetime
from uuid import UUID

from events.models import Event, EventQuerySet
from stats.cover import DAY
from stats.finding import Criteria, Page, end, find, matching

# What is looked at before the rollups are asked. To plan ninety days takes longer than to read
# three; to read more events takes longer than to ask the rollups.
RECENT = 3 * DAY
RECENT_ROWS = 2_000
# Seconds, about, after which a page that is not full is answered with how far was looked.
PATIENCE = 1.0

# The newest events stand in for the table: what is asked of it is asked of them.
AMONG_NEWEST = "WITH events_event AS ({newest}) {chosen}"


def listed(
    application_id: int, criteria: Criteria, *, before: UUID | None, limit: int, offset: int = 0
) -> Page:
    """A page of the events that meet the criteria, whole ones.

    It is full where there are enough, unless these take too long to find: then `searched_until`
    tells how far was looked, and `next` goes on from there.
    """
    if criteria.nothing:
        return Page([], None, None)
    events = Event.objects.of(application_id).since(criteria.since).until(criteria.until)
    if before is not None:
        events = events.before(before)
    if offset:
        found = list(matching(events, criteria).newest_first()[offset : offset + limit + 1])
    else:
        recent = events.since(_recent(criteria, before))
        found = _among_newest(recent.newest_first()[:RECENT_ROWS], criteria, limit + 1)
    if len(found) > limit:
        return Page(found[:limit], found[limit - 1].id, None)
    return Page(found, None, None) if offset else _searched(application_id, criteria, before, limit)


def _recent(criteria: Criteria, before: UUID | None) -> datetime:
    last = min(end(before, criteria.until), datetime.now(UTC))
    return last - RECENT


def _among_newest(newest: EventQuerySet, criteria: Criteria, limit: int) -> list[Event]:
    """Those of the newest events that meet the criteria."""
    chosen = matching(Event.objects.newest_first(), criteria)[:limit]
    inner, inner_parameters = newest.query.sql_with_params()
    outer, outer_parameters = chosen.query.sql_with_params()
    statement = AMONG_NEWEST.format(newest=inner, chosen=outer)
    return list(Event.objects.raw(statement, [*inner_parameters, *outer_parameters]))


def _searched(application_id: int, criteria: Criteria, before: UUID | None, limit: int) -> Page:
    """A page by the rollups; what these don't tell is looked for in more and more events."""
    started, times = time.monotonic(), 1
    found: list[Event] = []
    while True:
        wanted = limit + 1 - len(found)
        page = find(application_id, criteria, before=before, limit=wanted, whole=True, times=times)
        found += page.events
        if len(found) > limit:
            return Page(found[:limit], found[limit - 1].id, None)
        before = page.next
        # Twice as many next time: that takes as long as all that was looked at until now.
        if before is None or time.monotonic() - started > PATIENCE / 2:
            return Page(found, before, page.searched_until)
        times *= 2
