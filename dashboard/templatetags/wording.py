"""Filters and tags that word values; what they say is decided in `dashboard.wording`."""

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString

from dashboard import wording
from dashboard.charts import Chart
from dashboard.markup import filled, joined
from dashboard.sparks import Spark
from dashboard.traffic_charts import Distribution
from events import display
from events.records import LEVEL_NAMES

register = template.Library()

_AGO = '<time datetime="{}" title="{}">{}</time>'
_SPARK = (
    '<svg class="spark" viewBox="0 0 {} 20" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
)
_CHART_ROW = '<tr><th scope="row">{}{}</th>{}</tr>'
_SO_FAR = SafeString(' <span class="pill">so far</span>')
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
    return filled(_AGO, local.isoformat(), exact, words)


@register.simple_tag
def course(spark: Spark | None) -> SafeString:
    """A small picture of a course; an empty place where there is none."""
    if spark is None:
        return _NO_SPARK
    paths = joined('<path class="level-{}" d="{}"/>', spark.paths)
    return filled(_SPARK, spark.width, paths)


@register.simple_tag
def chart_rows(chart: Chart | Distribution) -> SafeString:
    """The rows of a chart's table, the newest first."""
    return joined(_CHART_ROW, map(_chart_row, chart.rows()))


def _chart_row(row: dict[str, Any]) -> tuple[Any, ...]:
    title = filled('<a href="{}">{}</a>', row["zoom"], row["title"]) if row["zoom"] else None
    so_far = _SO_FAR if row["incomplete"] else ""
    cells = joined("<td>{}</td>", ((count,) for count in row["counts"]))
    return title or row["title"], so_far, cells


@register.simple_tag
def day(moment: datetime) -> str:
    """A moment as its date in the viewer's zone."""
    local = timezone.localtime(moment)
    return filled(_MOMENT, local.isoformat(), wording.day(local))


@register.simple_tag
def moment(moment: datetime | None) -> str:
    """A moment as date and time in the viewer's zone."""
    if moment is None:
        return "never"
    local = timezone.localtime(moment)
    return filled(_MOMENT, local.isoformat(), f"{local:%-d %b %Y, %H:%M:%S}")
