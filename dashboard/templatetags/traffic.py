"""Tags of the traffic page's lists: tags, not templates, for each has a hundred values."""

from collections.abc import Iterable
from uuid import UUID

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from applications.models import Application
from dashboard import wording
from dashboard.markup import filled, joined
from dashboard.templatetags.wording import ago, count, course
from dashboard.traffic_charts import Cell
from dashboard.traffic_rows import Listing, RequestRow, RouteRow, ValueRow
from dashboard.world_map import Country

register = template.Library()

_BAR = '<svg class="inline-bar" aria-hidden="true"><rect width="{}%" height="100%" rx="3"/></svg>'
_HEAT = '<td class="heat-{}" title="{}"><span class="visually-hidden">{}</span></td>'
_CHOSEN = SafeString(' aria-current="true"')
_VALUE = (
    f"<li{{}}>{_BAR}"
    '<a class="value" href="{}" data-row>{}<bdi class="cut">{}</bdi></a>'
    '<span class="number"><b title="{}">{}</b> <span class="muted small">{}</span></span>'
    '<a class="leave-out" href="{}" aria-label="Leave out {}" title="Leave out">−</a></li>'
)
# The name is drawn where the style sheet says, while the country is pointed at.
_ON_THE_MAP = (
    '<a href="{}" tabindex="-1" class="world-{}"><use href="{}#{}"/><text>{}: {}</text></a>'
)
_IN_THE_TABLE = '<tr><th scope="row"><a href="{}">{}</a></th><td>{}</td><td>{}</td></tr>'
_ROUTE = (
    '<tr{}><th scope="row"><a class="route" href="{}" data-row><span class="method method-{}">{}'
    '</span> <bdi class="cut">{}</bdi></a></th>'
    f'<td class="number" title="{{}}">{_BAR}<span>{{}}</span></td>'
    '<td class="route-course">{}</td>'
    '<td class="number{}">{}</td><td class="number">{}</td><td class="number">{}</td>'
    '<td class="number">{}</td><td class="number">{}</td><td class="number">{}</td>'
    '<td><a class="leave-out" href="{}" aria-label="Leave out {}" title="Leave out">−</a>{}</td>'
    "</tr>"
)
_EYE = (
    '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 '
    '8 12.5 1.5 8 1.5 8Z"/><circle cx="8" cy="8" r="2"/>{}</svg></button>'
)
_HIDE = (
    '<button class="hide-route" form="hide-route" name="route" value="{}" '
    'aria-label="Hide {} for good" title="Hide this route for good">'
    + _EYE.format('<path d="M2.5 13.5l11-11"/>')
)
_SHOW = (
    '<button class="hide-route" form="show-route" name="route" value="{}" '
    'aria-label="Show {} again" title="Show this route again">' + _EYE.format("")
)
_REQUEST = (
    '<li><a class="row request-row" href="{}{}" data-row>'
    '<span class="status-{} request-status">{}</span>'
    '<span class="event-text"><span class="cut"><span class="method method-{}">{}</span> '
    '<bdi class="request-path">{}</bdi></span><span class="event-facts">{}</span></span>'
    '<span class="number small">{}</span><span class="number small muted">{}</span></a></li>'
)
_ANY = UUID(int=0)


@register.simple_tag
def route_rows(rows: Iterable[RouteRow], may_hide: bool) -> SafeString:
    """The rows of the table of routes: each a link that filters, and what leaves it out."""
    return joined(_ROUTE, (_route_row(row, may_hide) for row in rows))


def _route_row(row: RouteRow, may_hide: bool) -> tuple[object, ...]:
    hiding = filled(_SHOW if row.hidden else _HIDE, row.name, row.route) if may_hide else ""
    return (
        _CHOSEN if row.chosen else "", row.address, row.method.lower(), row.method, row.route,
        count(row.requests), row.width, wording.compact(row.requests), course(row.spark),
        f" failing-{row.tone}" if row.tone else "", row.error_rate, row.p50, row.p95, row.p99,
        row.sent, row.apdex, row.without, row.route, hiding,
    )  # fmt: skip


@register.simple_tag
def request_rows(listing: Listing, application: Application) -> SafeString:
    """The rows of the list of requests: each leads to the page of one."""
    path = reverse("dashboard:request", args=[application.pk, _ANY])
    return joined(_REQUEST, (_request_row(row, path, listing.state) for row in listing.rows))


def _request_row(row: RequestRow, path: str, state: str) -> tuple[object, ...]:
    request = row.request
    facts = joined('<bdi class="cut">{}</bdi>', ((fact,) for fact in row.facts))
    return (
        path.replace(str(_ANY), str(request.pk)), state, row.status_class, request.status,
        row.method.lower(), row.method, row.path, facts, row.duration, ago(request.occurred_at),
    )  # fmt: skip


@register.simple_tag
def strip_cells(cells: Iterable[Cell]) -> SafeString:
    told = ((cell.shade, cell.title) for cell in cells)
    return joined('<span class="success-{}" title="{}"></span>', told)


@register.simple_tag
def heat_cells(cells: Iterable[Cell]) -> SafeString:
    told = ((cell.shade, cell.title, cell.words) for cell in cells)
    return joined(_HEAT, told)


@register.simple_tag
def value_rows(rows: Iterable[ValueRow]) -> SafeString:
    """The rows of a card of values: each a link that filters, and one that leaves out."""
    return joined(_VALUE, map(_value_row, rows))


def _value_row(row: ValueRow) -> tuple[object, ...]:
    chosen = _CHOSEN if row.chosen else ""
    mark = filled('<span aria-hidden="true">{}</span> ', row.mark) if row.mark else ""
    few = wording.compact(row.requests)
    return (
        chosen, row.width, row.address, mark, row.label, count(row.requests), few, row.share,
        row.without, row.label,
    )  # fmt: skip


@register.simple_tag
def world_countries(countries: Iterable[Country], shapes: str) -> SafeString:
    """Countries on the map: each a link that filters, for pointers; the table has them for all."""
    told = (
        (one.address, one.shade, shapes, one.code, one.name, count(one.requests))
        for one in countries
    )
    return joined(_ON_THE_MAP, told)


@register.simple_tag
def country_rows(countries: Iterable[Country]) -> SafeString:
    told = ((one.address, one.name, count(one.requests), count(one.errors)) for one in countries)
    return joined(_IN_THE_TABLE, told)
