"""What the overview shows of each application, and in which order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator

from applications.models import Application, ApplicationQuerySet
from dashboard.sparks import Spark, spark
from dashboard.wording import Trend, ago, trend
from events.records import LEVELS
from stats.totals import ERRORS, Overview, overviews

PER_PAGE = 50
SORTS = {"name": "Name", "events": "Events", "errors": "Errors", "last-event": "Last event"}
NEW = "new"  # the status of an application that never had an event
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Status:
    """An application at a glance: what is true of it, and the name of a shape and colour."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """An application and its last 24 hours."""

    application: Application
    overview: Overview
    spark: Spark | None
    levels: Sequence[tuple[int, int]]  # (level, count), the most severe first
    trend: Trend | None
    status: Status


def row_page(
    applications: ApplicationQuerySet, *, sort: str, number: Any
) -> tuple[Page[Any], list[Row]]:
    """A page of applications in one of the orders of SORTS, and its rows.

    By name the database pages and figures are read for the page, else for all applications.
    """
    if sort in _FIGURES:
        found = overviews(list(applications.values_list("pk", flat=True)))
        ordered = sorted(found, key=lambda id_: _FIGURES[sort](found[id_]), reverse=True)
        page: Page[Any] = Paginator(ordered, PER_PAGE).get_page(number)
        by_id = applications.in_bulk(list(page))
        listed = [by_id[id_] for id_ in page if id_ in by_id]
    else:
        page = Paginator(applications, PER_PAGE).get_page(number)
        listed = list(page)
        found = overviews([application.pk for application in listed])
    now = datetime.now(UTC)
    return page, [_row(application, found[application.pk], now) for application in listed]


def errors(overview: Overview) -> int:
    """How many events of the last 24 hours were errors or worse."""
    return sum(sum(overview.hours.get(level, ())) for level in ERRORS)


# By which the most come first; where two are alike, the order of names stays.
_FIGURES: dict[str, Callable[[Overview], Any]] = {
    "events": lambda overview: overview.count_24h,
    "errors": errors,
    "last-event": lambda overview: overview.last_event_at or _NEVER,
}


def _row(application: Application, overview: Overview, now: datetime) -> Row:
    by_level = [(level, sum(overview.hours.get(level, ()))) for level in LEVELS.values()]
    compared = overview.count_24h or overview.before_24h
    return Row(
        application,
        overview,
        spark(overview.hours),
        [(level, count) for level, count in reversed(by_level) if count],
        trend(overview.count_24h, overview.before_24h) if compared else None,
        status(overview, now),
    )


def status(overview: Overview, now: datetime) -> Status:
    """The worst that is true of an application at the moment."""
    event_at, error_at = overview.last_event_at, overview.last_error_at
    if event_at is None:
        return Status(NEW, "No events yet")
    if error_at is not None and error_at > now - _HOUR:
        return Status("bad", f"Error {ago(error_at, now)}")
    if error_at is not None and error_at > now - _DAY:
        return Status("fair", f"Error {ago(error_at, now)}")
    if event_at > now - _DAY:
        return Status("good", "No errors in 24 h")
    return Status("quiet", "No events in 24 h")
