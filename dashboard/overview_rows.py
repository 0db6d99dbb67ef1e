"""What the overview shows of each application, and in which order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.timezone import localtime

from applications.models import Application, ApplicationQuerySet
from dashboard import overview_traffic
from dashboard.overview_monitors import Watched, watched
from dashboard.overview_traffic import Traffic
from dashboard.sparks import Spark, spark
from dashboard.wording import Trend, ago, day, trend
from events.records import LEVELS
from stats.totals import ERRORS, Overview, overviews
from stats.traffic.recent import any_recent

PER_PAGE = 50
SORTS = {"name": "Name", "events": "Events", "errors": "Errors", "last-event": "Last event"}
# Offered where there is traffic.
ALL_SORTS = SORTS | overview_traffic.SORTS
NEW = "new"  # the status of an application that has sent nothing yet
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
    traffic: Traffic | None
    monitors: Watched | None

    @property
    def page(self) -> str:
        """The name of the page that tells most of the application."""
        only_requests = self.traffic and self.overview.last_event_at is None
        return "dashboard:traffic" if only_requests else "dashboard:application"


def row_page(
    applications: ApplicationQuerySet, *, sort: str, number: Any
) -> tuple[Page[Any], list[Row]]:
    """A page of applications in one of the orders of ALL_SORTS, and its rows.

    By name the database pages; what the applications are ordered by is read of all of them, the
    rest for the page.
    """
    found: Mapping[int, Overview] = {}
    if sort == "name":
        page: Page[Any] = Paginator(applications, PER_PAGE).get_page(number)
        listed = list(page)
    else:
        ids = _ids(applications)
        if sort in _FIGURES:
            found = overviews(ids)
            ids = sorted(ids, key=lambda id_: _FIGURES[sort](found[id_]), reverse=True)
        else:
            ids = overview_traffic.ordered(ids, sort)
        page = Paginator(ids, PER_PAGE).get_page(number)
        by_id = applications.in_bulk(list(page))
        listed = [by_id[id_] for id_ in page if id_ in by_id]
    shown = [application.pk for application in listed]
    found = found or overviews(shown)
    asked = overview_traffic.traffic(shown)
    monitors = watched(shown)
    now = datetime.now(UTC)
    return page, [
        _row(one, found[one.pk], asked.get(one.pk), monitors.get(one.pk), now) for one in listed
    ]


def shows_traffic(
    applications: ApplicationQuerySet, page: Page[Any], rows: Sequence[Row], sort: str
) -> bool:
    """Whether requests are told at all: not where nothing was asked of any application."""
    if sort in overview_traffic.SORTS or any(row.traffic for row in rows):
        return True
    return page.has_other_pages() and any_recent(_ids(applications))


def _ids(applications: ApplicationQuerySet) -> list[int]:
    return list(applications.values_list("pk", flat=True))


def errors(overview: Overview) -> int:
    """How many events of the last 24 hours were errors or worse."""
    return sum(sum(overview.hours.get(level, ())) for level in ERRORS)


# By which the most come first; where two are alike, the order of names stays.
_FIGURES: dict[str, Callable[[Overview], Any]] = {
    "events": lambda overview: overview.count_24h,
    "errors": errors,
    "last-event": lambda overview: overview.last_event_at or _NEVER,
}


def _row(
    application: Application,
    overview: Overview,
    traffic: Traffic | None,
    monitors: Watched | None,
    now: datetime,
) -> Row:
    by_level = [(level, sum(overview.hours.get(level, ()))) for level in LEVELS.values()]
    compared = overview.count_24h or overview.before_24h
    return Row(
        application,
        overview,
        spark(overview.hours),
        [(level, count) for level, count in reversed(by_level) if count],
        trend(overview.count_24h, overview.before_24h) if compared else None,
        ending(application) or status(overview, now, asked=traffic is not None),
        traffic,
        monitors,
    )


def ending(application: Application) -> Status | None:
    """That nobody uses it, and when it will be deleted therefore."""
    if application.unused_since is None:
        return None
    end = application.grace_ends_at
    return Status("ending", f"Unused, ends {day(localtime(end))}" if end else "Unused")


def status(overview: Overview, now: datetime, *, asked: bool = False) -> Status:
    """The worst that is true of an application at the moment; `asked` where it has requests."""
    event_at, error_at = overview.last_event_at, overview.last_error_at
    if event_at is None:
        return Status("quiet", "Requests only") if asked else Status(NEW, "No events yet")
    if error_at is not None and error_at > now - _HOUR:
        return Status("bad", f"Error {ago(error_at, now)}")
    if error_at is not None and error_at > now - _DAY:
        return Status("fair", f"Error {ago(error_at, now)}")
    if event_at > now - _DAY:
        return Status("good", "No errors in 24 h")
    return Status("quiet", "No events in 24 h")
