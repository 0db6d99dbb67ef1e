"""What the admin tells of requests, on its index and on an application's page there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from applications.models import Application
from dashboard.admin_figures import OFFERED, chosen_range
from dashboard.charts import Chart, Series
from dashboard.ranges import Range, Span
from dashboard.traffic_figures import CLASSES, TONES
from dashboard.wording import failing, line, milliseconds, percent
from stats import once
from stats.buckets import Interval, bucket_starts
from stats.traffic.criteria import Criteria
from stats.traffic.measures import statuses_by_bucket, total
from stats.traffic.overall import ByClass, overall
from stats.traffic.rankings import RankedRoute, ranked_routes
from traffic.models import Request

MOST_ROWS = 10
LONGEST = 300  # characters of a route


@dataclass(frozen=True, slots=True, kw_only=True)
class BusyRow:
    """An application or a route, with the page that tells more of it."""

    label: str
    address: str
    requests: int
    width: float  # percent of the busiest
    error_rate: str
    tone: str  # "" | "some" | "many"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficFigures:
    """Requests over time in one of the ranges on offer, and what was asked most."""

    range: Range
    offered: Sequence[Range]
    chart: Chart
    requests: int
    error_rate: str
    p95: str  # "" where it is not told
    title: str  # of the rows
    rows: Sequence[BusyRow]


def may_view(request: HttpRequest) -> bool:
    """Who sees the figures may view applications and their requests."""
    models = (Application, Request)
    return all(admin.site.get_model_admin(model).has_view_permission(request) for model in models)


def of_all(applications: Mapping[int, str], asked: str) -> TrafficFigures | None:
    """The requests of these applications, id → name; None where there were none.

    Without durations: of many applications they would be most of the work.
    """
    span, starts = _buckets(asked)
    found = overall(list(applications), starts, span.until)
    if not found.by_application:
        return None
    counts = found.by_application
    busiest = sorted(counts, key=lambda id_: sum(counts[id_].values()), reverse=True)[:MOST_ROWS]
    most = sum(counts[busiest[0]].values())
    rows = [_application_row(id_, applications[id_], counts[id_], most) for id_ in busiest]
    chart = _chart(span, starts, found.by_bucket)
    return _figures(asked, chart, found.by_bucket, "Busiest applications", rows)


def of_one(application: Application, asked: str) -> TrafficFigures | None:
    """The requests of an application; None where there were none."""
    span, starts = _buckets(asked)
    criteria = Criteria(span.since, span.until)
    by_minute = span.interval == Interval.MINUTE
    with once.for_a_page():
        statuses = statuses_by_bucket(application.pk, criteria, starts, by_minute=by_minute)
        if not any(one.requests for one in statuses):
            return None
        [p95] = total(application.pk, criteria).percentiles([0.95])
        ranked = ranked_routes(application.pk, criteria)[:MOST_ROWS]
    path = reverse("dashboard:traffic", args=[application.pk])
    rows = [_route_row(one, ranked[0].requests, path) for one in ranked]
    counts = [one.by_class for one in statuses]
    chart = _chart(span, starts, counts, zoom=path)
    return _figures(asked, chart, counts, "Busiest routes", rows, p95)


def _buckets(asked: str) -> tuple[Span, list[datetime]]:
    zone = timezone.get_current_timezone()
    span = chosen_range(asked).span(timezone.now(), zone)
    return span, bucket_starts(span.since, span.until, span.interval, zone)


def _figures(
    asked: str,
    chart: Chart,
    counts: Sequence[ByClass],
    title: str,
    rows: Sequence[BusyRow],
    p95: float | None = None,
) -> TrafficFigures:
    requests = sum(sum(one.values()) for one in counts)
    return TrafficFigures(
        range=chosen_range(asked),
        offered=OFFERED,
        chart=chart,
        requests=requests,
        error_rate=percent(sum(one[4] + one[5] for one in counts) / requests),
        p95="" if p95 is None else milliseconds(p95),
        title=title,
        rows=rows,
    )


def _chart(
    span: Span, starts: Sequence[datetime], counts: Sequence[ByClass], zoom: str = ""
) -> Chart:
    return Chart(
        id="requests",
        title=f"Requests by {span.interval.lower()}",
        starts=starts,
        interval=span.interval,
        until=span.end,
        series=[
            Series(label, values, tone=TONES[class_])
            for class_, label in CLASSES.items()
            if any(values := [one[class_] for one in counts])
        ],
        zoom=zoom,
    )


def _application_row(id_: int, name: str, counts: ByClass, most: int) -> BusyRow:
    requests = sum(counts.values())
    address = reverse("dashboard:traffic", args=[id_])
    return _row(name, address, requests, counts[4], counts[5], most)


def _route_row(one: RankedRoute, most: int, path: str) -> BusyRow:
    label = line(f"{one.method} {one.route}", LONGEST)
    address = f"{path}?{urlencode({'method': one.method, 'route': one.route})}"
    return _row(label, address, one.requests, one.client_errors, one.server_errors, most)


def _row(
    label: str, address: str, requests: int, client_errors: int, server_errors: int, most: int
) -> BusyRow:
    error_rate = (client_errors + server_errors) / requests
    return BusyRow(
        label=label,
        address=address,
        requests=requests,
        width=round(requests * 100 / most, 1),
        error_rate=percent(error_rate),
        tone=failing(server_errors / requests, error_rate),
    )
