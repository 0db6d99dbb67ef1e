"""The list of events of an application's page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from applications.models import Application
from dashboard.selection import Selection
from dashboard.wording import line
from events.display import excerpt, visible
from events.models import Event
from stats import places
from stats.finding import Page, find
from stats.places import Sought

PAGE_EVENTS = 50
_MOST_TAGS = 3
_FACT_CHARACTERS = 60
_MESSAGE_CHARACTERS = 300  # more is cut by the width of the widest page


@dataclass(frozen=True, slots=True)
class Row:
    event: Event
    message: str
    facts: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A page of the list, newest first."""

    rows: Sequence[Row]
    newest: datetime | None  # of all that the figures count
    older: str  # addresses; "" where there is none
    first: str
    searched_until: datetime | None  # where the page ends before it is full
    never: bool  # the application has no event at all
    environments: Sequence[str]  # that occur on the page, as suggestions
    releases: Sequence[str]


def listing(application: Application, selection: Selection, message: str | None) -> Listing:
    criteria = selection.criteria(message)
    page = find(application.pk, criteria, before=selection.before, limit=PAGE_EVENTS)
    newest = _newest(application, selection, message, page)
    return Listing(
        rows=[_row(event) for event in page.events],
        newest=newest,
        older=selection.address(before=page.next) if page.next else "",
        first=selection.address() if selection.before else "",
        searched_until=page.searched_until,
        never=newest is None and places.newest(Sought(application.pk)) is None,
        environments=_occurring(event.environment for event in page.events),
        releases=_occurring(event.release for event in page.events),
    )


def _newest(
    application: Application, selection: Selection, message: str | None, page: Page
) -> datetime | None:
    """When the newest event of the selected range, levels and message was received."""
    events = page.events
    if selection.before is not None or selection.only_lists:
        counted = selection.counted_criteria(message)
        events = find(application.pk, counted, before=None, limit=1).events
    return events[0].received_at if events else None


def _row(event: Event) -> Row:
    tags = event.tags if isinstance(event.tags, dict) else {}
    told = [pair for pair in tags.items() if isinstance(pair[1], str | int | float)]
    facts = [
        *filter(None, (event.logger, event.environment, event.release)),
        *(f"{name}: {value}" for name, value in told[:_MOST_TAGS]),
    ]
    return Row(
        event,
        line(event.message, _MESSAGE_CHARACTERS),
        [visible(excerpt(fact, _FACT_CHARACTERS)) for fact in facts],
    )


def _occurring(values: Iterable[str | None]) -> list[str]:
    return sorted({value for value in values if value})
