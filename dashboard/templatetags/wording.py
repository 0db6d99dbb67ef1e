"""Filters and tags that word values; what they say is decided in `dashboard.wording`."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html

from dashboard import wording
from events import display
from events.records import LEVEL_NAMES

register = template.Library()

_AGO = '<time datetime="{}" title="{}">{}</time>'
_MOMENT = '<time datetime="{}">{}</time>'

register.filter("compact", wording.compact)
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
def moment(moment: datetime | None) -> str:
    """A moment as date and time in the viewer's zone."""
    if moment is None:
        return "never"
    local = timezone.localtime(moment)
    return format_html(_MOMENT, local.isoformat(), f"{local:%-d %b %Y, %H:%M:%S}")
