"""Filters and tags that word values; what they say is decided in `dashboard.wording`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dashboard import wording
from dashboard.charts import Chart
from dashboard.sparks import Spark
from dashboard.traffic_charts import Cell, Distribution
from dashboard.traffic_rows import ValueRow
from dashboard.world_map import Country
from events import display
from events.records import LEVEL_NAMES

register = template.Library()

_AGO = '<time datetime="{}" title="{}">{}</time>'
_SPARK = (
    '<svg class="spark" viewBox="0 0 {} 20" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
)
_CHART_ROW = '<tr><th scope="row">{}{}</th>{}</tr>'
_SO_FAR = SafeString(' <span class="pill">so far</span>')
_HEAT = '<td class="heat-{}" title="{}"><span class="visually-hidden">{}</span></td>'
_CHOSEN = SafeString(' aria-current="true"')
_VALUE = (
    '<li{}><svg class="inline-bar" aria-hidden="true">'
    '<rect width="{}%" height="100%" rx="3"/></svg>'
    '<a class="value" href="{}" data-row>{}<bdi class="cut">{}</bdi></a>'
    '<span class="number"><b title="{}">{}</b> <span class="muted small">{}</span></span>'
    '<a class="leave-out" href="{}" aria-label="Leave out {}" title="Leave out">−</a></li>'
)
# The name is drawn where the style sheet says, while the country is pointed at.
_ON_THE_MAP = (
    '<a href="{}" tabindex="-1" class="world-{}"><use href="{}#{}"/><text>{}: {}</text></a>'
)
_IN_THE_TABLE = '<tr><th scope="row"><a href="{}">{}</a></th><td>{}</td><td>{}</td></tr>'
_NO_SPARK = SafeString('<span class="spark"></span>')
_MOMENT = '<time datetime="{}">{}</time>'

register.filter("compact", wording.compact)
register.filter("milliseconds", wording.milliseconds)
register.filter("excerpt", display.excerpt)
register.filter("line", wording.line)
# Senders' text: what is hidden in it shows, what would reorder the line does not.
register.filter("visible", display.visible)


@register.filter
def count(number: int) -> str:
    return f"{number:,}"


@register.filter
def level_name(number: int) -> str:
    return LEVEL_NAMES.get(number, str(number))


@register.filter
def class_of_status(status: int) -> int:
    """4 for 404."""
    return status // 100


# Tags, not templates: a list has a hundred of them.
@register.simple_tag
def ago(moment: datetime | None) -> str:
    """A moment as its age, with the exact time in the viewer's zone as its title."""
    if moment is None:
        return "never"
    local = timezone.localtime(moment)
    exact = f"{local:%a %-d %b %Y, %H:%M:%S %Z}"
    words = wording.ago(moment, timezone.now())
    return format_html(_AGO, local.isoformat(), exact, words)


@register.simple_tag
def course(spark: Spark | None) -> SafeString:
    """A small picture of a course; an empty place where there is none."""
    if spark is None:
        return _NO_SPARK
    paths = format_html_join("", '<path class="level-{}" d="{}"/>', spark.paths)
    return format_html(_SPARK, spark.width, paths)


@register.simple_tag
def chart_rows(chart: Chart | Distribution) -> SafeString:
    """The rows of a chart's table, the newest first."""
    return format_html_join("", _CHART_ROW, map(_chart_row, chart.rows()))


def _chart_row(row: dict[str, Any]) -> tuple[Any, ...]:
    title = format_html('<a href="{}">{}</a>', row["zoom"], row["title"]) if row["zoom"] else None
    so_far = _SO_FAR if row["incomplete"] else ""
    cells = format_html_join("", "<td>{}</td>", ((count,) for count in row["counts"]))
    return title or row["title"], so_far, cells


@register.simple_tag
def strip_cells(cells: Iterable[Cell]) -> SafeString:
    told = ((cell.shade, cell.title) for cell in cells)
    return format_html_join("", '<span class="success-{}" title="{}"></span>', told)


@register.simple_tag
def heat_cells(cells: Iterable[Cell]) -> SafeString:
    told = ((cell.shade, cell.title, cell.words) for cell in cells)
    return format_html_join("", _HEAT, told)


@register.simple_tag
def value_rows(rows: Iterable[ValueRow]) -> SafeString:
    """The rows of a card of values: each a link that filters, and one that leaves out."""
    return format_html_join("", _VALUE, map(_value_row, rows))


def _value_row(row: ValueRow) -> tuple[Any, ...]:
    chosen = _CHOSEN if row.chosen else ""
    mark = format_html('<span aria-hidden="true">{}</span> ', row.mark) if row.mark else ""
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
    return format_html_join("", _ON_THE_MAP, told)


@register.simple_tag
def country_rows(countries: Iterable[Country]) -> SafeString:
    told = ((one.address, one.name, count(one.requests), count(one.errors)) for one in countries)
    return format_html_join("", _IN_THE_TABLE, told)


@register.simple_tag
def day(moment: datetime) -> str:
    """A moment as its date in the viewer's zone."""
    local = timezone.localtime(moment)
    return format_html(_MOMENT, local.isoformat(), wording.day(local))


@register.simple_tag
def moment(moment: datetime | None) -> str:
    """A moment as date and time in the viewer's zone."""
    if moment is None:
        return "never"
    local = timezone.localtime(moment)
    return format_html(_MOMENT, local.isoformat(), f"{local:%-d %b %Y, %H:%M:%S}")
