"""The lines of a stack's code. A tag, not a template: a page has a thousand of them."""

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString

from dashboard.markup import filled, joined
from events.stacks import CodeLine

register = template.Library()

_LINE = "<span{}>{}\n</span>"
_CURRENT = "<mark{}>{}\n</mark>"
_NUMBER = ' data-n="{}"'


@register.simple_tag
def code_lines(lines: Iterable[CodeLine]) -> SafeString:
    """Each line as an element that carries its number; the current one is a `mark`."""
    return joined("{}", ((_line(line),) for line in lines))


def _line(line: CodeLine) -> SafeString:
    number = filled(_NUMBER, line.number) if line.number is not None else ""
    return filled(_CURRENT if line.current else _LINE, number, line.text)
