"""The lists of the traffic page: routes, values of every dimension, users, the requests."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from applications.models import Application
from dashboard import country_names
from dashboard.sparks import Spark, spark
from dashboard.traffic_figures import TrafficFigures
from dashboard.traffic_selection import TrafficSelection
from dashboard.wording import failing, line, milliseconds, percent, size
from dashboard.world_map import World, world
from events.display import excerpt
from events.records import LEVELS
from stats.asking import Asking, asked
from stats.buckets import Interval, bucket_starts
from stats.traffic.breakdowns import Breakdown, ValueCount, breakdown, breakdowns
from stats.traffic.courses import courses
from stats.traffic.dimensions import Dimension
from stats.traffic.listing import listed
from stats.traffic.rankings import RankedRoute, ranked_routes
from traffic.models import Request

MOST_ROUTES = 25
MOST_VALUES = 8
MOST_USERS = 10
MOST_COUNTRIES = 300  # all of them: the map has no others
PAGE_REQUESTS = 30
LONGEST = 200  # characters of a route or value on the page
# Cards of values: the heading, and what is said where there are none.
CARDS = {
    Dimension.COUNTRY: ("Countries", "No address has a country here."),
    Dimension.CLIENT: ("Clients", "No request told its user agent."),
    Dimension.SYSTEM: ("Systems", "No request told its system."),
    Dimension.DEVICE: ("Devices and bots", "No request told its device."),
    Dimension.HOSTNAME: ("Hosts", "No request told its host."),
    Dimension.VERSION: ("API versions", "No path names a version, such as /v1/."),
    Dimension.REFERRER: ("Referrers", "No request told where it came from."),
    Dimension.RELEASE: ("Releases", "No request told its release."),
}
_SHADE = LEVELS["INFO"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRow:
    """A route with its figures in words, and the addresses that a click leads to."""

    method: str
    route: str
    name: str  # the whole route
    hidden: bool  # by what is saved, and shown all the same
    requests: int
    width: float  # percent of the busiest
    error_rate: str
    tone: str  # "" | "some" | "many"
    p50: str
    p95: str
    p99: str
    sent: str
    apdex: str
    address: str
    without: str
    chosen: bool
    spark: Spark | None = None


@dataclass(frozen=True, slots=True)
class Routes:
    rows: Sequence[RouteRow]
    distinct: int


@asked
def routes(application: Application, selection: TrafficSelection) -> Asking[Routes]:
    """The first routes in the chosen order."""
    ranked = yield from ranked_routes.steps(
        application.pk, selection.now, sort=selection.sort, text=selection.text("search")
    )
    shown = ranked[:MOST_ROUTES]
    most = max((route.requests for route in shown), default=0)
    rows = [_route_row(one, most, selection) for one in shown]
    drawn: Mapping[tuple[str, str], Sequence[int]] = {}
    if shown:
        drawn = yield from _courses(application, selection, [one.route for one in shown])
    sparks = [drawn.get((one.method, one.route)) for one in shown]
    return Routes(
        [
            replace(row, spark=spark({_SHADE: course}) if course else None)
            for row, course in zip(rows, sparks, strict=True)
        ],
        len(ranked),
    )


def _courses(
    application: Application, selection: TrafficSelection, routes: Sequence[str]
) -> Asking[Mapping[tuple[str, str], Sequence[int]]]:
    span = selection.span
    if span.spark is None:
        return {}
    # Days in UTC are summed up; a small picture is as true with them as with the viewer's.
    starts = bucket_starts(span.since, span.until, span.spark)
    by_minute = span.spark == Interval.MINUTE
    found = yield from courses.steps(
        application.pk, selection.now, starts, by_minute=by_minute, routes=routes
    )
    return found


def _route_row(one: RankedRoute, most: int, selection: TrafficSelection) -> RouteRow:
    chosen = {"method": one.method, "route": one.route}
    return RouteRow(
        method=one.method,
        route=line(one.route, LONGEST),
        name=one.route,
        hidden=one.route in selection.saved.routes,
        requests=one.requests,
        width=round(one.requests * 100 / most, 1),
        error_rate=percent(one.error_rate),
        tone=failing(one.server_errors / one.requests, one.error_rate),
        p50=milliseconds(one.p50),
        p95=milliseconds(one.p95),
        p99=milliseconds(one.p99),
        sent=size(one.response_bytes),
        apdex=f"{one.apdex:.2f}",
        address=selection.only(**chosen),
        without=selection.without("route", one.route),
        chosen=selection.is_only(**chosen),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRow:
    label: str
    mark: str  # a flag
    requests: int
    share: str
    width: float
    address: str
    without: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The most frequent values of a dimension."""

    name: str  # of its part of the page
    title: str
    rows: Sequence[ValueRow]
    distinct: int
    empty: str


def status_card(figures: TrafficFigures) -> Card:
    counts = sum((Counter(one.by_status) for one in figures.statuses), Counter[int]())
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    total, most = counts.total(), max(counts.values(), default=0)
    rows = [
        _value_row("status", str(status), n, total, most, figures.selection)
        for status, n in ranked[:MOST_VALUES]
    ]
    return Card(
        name="status", title="Statuses", rows=rows, distinct=len(counts), empty="No request."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What the page tells of every dimension but the users."""

    countries: Card
    world: World
    cards: Sequence[Card]  # of the others


@asked
def values(figures: TrafficFigures) -> Asking[Values]:
    """The values of every dimension but the users."""
    selection = figures.selection
    limits = dict.fromkeys(CARDS, MOST_VALUES) | {Dimension.COUNTRY: MOST_COUNTRIES}
    found = yield from breakdowns.steps(figures.id, selection.now, limits)
    total = figures.now.requests
    countries, *others = (_card(each, found[each], selection, total) for each in CARDS)
    return Values(
        countries=countries,
        world=world(found[Dimension.COUNTRY].values, lambda code: selection.only(country=code)),
        cards=[status_card(figures), *others],
    )


def _card(dimension: Dimension, found: Breakdown, selection: TrafficSelection, total: int) -> Card:
    title, empty = CARDS[dimension]
    most = found.values[0].requests if found.values else 0
    rows = [
        _value_row(dimension.column, one.value, one.requests, total, most, selection)
        for one in found.values[:MOST_VALUES]
    ]
    return Card(name=dimension.column, title=title, rows=rows, distinct=found.distinct, empty=empty)


def _value_row(
    name: str, value: str, requests: int, total: int, most: int, selection: TrafficSelection
) -> ValueRow:
    is_country = name == "country"
    return ValueRow(
        label=country_names.name(value) if is_country else line(value, LONGEST),
        mark=country_names.flag(value) if is_country else "",
        requests=requests,
        share=percent(requests / total) if total else "",
        width=round(requests * 100 / most, 1) if most else 0,
        address=selection.only(**{name: value}),
        without=selection.without(name, value),
        chosen=selection.is_only(**{name: value}),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    label: str
    requests: int
    errors: int
    first_at: datetime | None
    last_at: datetime | None
    width: float
    address: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Users:
    rows: Sequence[UserRow]
    distinct: int


@asked
def users(application: Application, selection: TrafficSelection) -> Asking[Users]:
    """The users with the most requests."""
    found = yield from breakdown.steps(
        application.pk, selection.now, Dimension.USER, limit=MOST_USERS
    )
    most = found.values[0].requests if found.values else 0
    return Users([_user_row(one, most, selection) for one in found.values], found.distinct)


def _user_row(one: ValueCount, most: int, selection: TrafficSelection) -> UserRow:
    return UserRow(
        label=line(one.value, LONGEST),
        requests=one.requests,
        errors=one.client_errors + one.server_errors,
        first_at=one.first_at,
        last_at=one.last_at,
        width=round(one.requests * 100 / most, 1),
        address=selection.only(user=one.value),
        chosen=selection.is_only(user=one.value),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    request: Request
    method: str
    path: str
    duration: str
    status_class: int
    facts: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A page of the list of requests, newest first."""

    rows: Sequence[RequestRow]
    older: str  # addresses; "" where there is none
    first: str
    searched_until: datetime | None
    state: str  # of the page: behind the address of a request it leads back here


@asked
def listing(application: Application, selection: TrafficSelection) -> Asking[Listing]:
    page = yield from listed.steps(
        application.pk, selection.listed, before=selection.before, limit=PAGE_REQUESTS
    )
    return Listing(
        rows=[_request_row(request) for request in page.requests],
        older=selection.address(before=page.next) if page.next else "",
        first=selection.address() if selection.before else "",
        searched_until=page.searched_until,
        state=selection.address(before=selection.before).removesuffix("?"),
    )


def _request_row(request: Request) -> RequestRow:
    told = (request.user, request.client, request.country, request.hostname)
    return RequestRow(
        request=request,
        method=excerpt(request.method, 16),
        path=line(request.path, LONGEST),
        duration=milliseconds(request.duration_ms),
        status_class=request.status // 100,
        facts=[line(fact, 60) for fact in told if fact],
    )


def is_empty(application: Application) -> bool:
    """Whether the application has no request at all."""
    return not Request.objects.of(application.pk).exists()
