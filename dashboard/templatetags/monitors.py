"""Tags of the pages of monitors: tags, not templates, for a list has hundreds of them."""

from collections.abc import Iterable, Sequence

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from dashboard.markup import filled, joined
from dashboard.monitor_bars import HEIGHT, Bar, outline
from dashboard.monitor_rows import BARS, MonitorRow
from events.display import visible

register = template.Library()

_BARS = (
    '<svg class="bars" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" '
    'aria-label="{}">{}</svg>'
)
_BAR = '<path class="bar-{}" d="{}"><title>{}</title></path>'
_PATH = '<path class="bar-{}" d="{}"/>'
_ROW = (
    '<li><a class="row monitor-row" href="{}" data-row>'
    '<span class="monitor-state"><span class="state state-{}">{}</span></span>'
    '<span class="monitor-name"><b class="cut" dir="auto">{}</b>{}</span>'
    '<span class="monitor-target small muted"><span class="cut">{}</span></span>'
    "{}"
    '<span class="monitor-day number">{}<span class="visually-hidden"> up in 24 hours</span></span>'
    '<span class="monitor-month number">{}<span class="visually-hidden"> up in 30 days</span>'
    "</span>"
    '<span class="monitor-last number small muted">{}</span>'
    "</a></li>"
)
_TAG = '<span class="pill">{}</span>'
_CERTIFICATE = '<span class="{}">certificate {}</span>'


@register.simple_tag
def monitor_rows(rows: Iterable[MonitorRow]) -> SafeString:
    return joined(_ROW, map(_row, rows))


@register.simple_tag
def bars(shown: Sequence[Bar], words: str) -> SafeString:
    """Bars of which each tells of itself to whoever points at it."""
    paths = joined(
        _BAR, ((bar.kind, outline(place, bar.kind), bar.title) for place, bar in enumerate(shown))
    )
    return filled(_BARS, len(shown), HEIGHT, words, paths)


def _row(row: MonitorRow) -> tuple[object, ...]:
    monitor = row.monitor
    down = row.state.mark == "bad"
    target = visible(row.words if down else f"{row.kind}: {row.target}")
    return (
        reverse("dashboard:monitor", args=[monitor.application_id, monitor.pk]),
        row.state.mark,
        row.state.word,
        visible(monitor.name),
        joined(_TAG, ((visible(tag),) for tag in monitor.tags)),
        target,
        filled(_BARS, BARS, HEIGHT, row.bars_words, joined(_PATH, row.paths)),
        row.day,
        row.month,
        _last(row),
    )


def _last(row: MonitorRow) -> SafeString:
    certificate = SafeString("")
    if row.certificate:
        tone = f"failing-{row.certificate_tone}" if row.certificate_tone else "muted"
        certificate = filled(_CERTIFICATE, tone, row.certificate)
    return filled("<span>{}</span>{}", row.duration, certificate)
