"""Badges: a monitor's state and uptime as a small picture, and as shields.io asks for it. Pure."""

import re
from dataclasses import dataclass
from typing import Any

from dashboard.markup import filled
from dashboard.wording import line

_COLOURS = {"good": "#237a49", "bad": "#b3261e", "fair": "#8a5a00"}
_NEUTRAL = "#5b6472"
_LONGEST = 40  # characters of a name
_NO_XML = re.compile("[\ufffe\uffff]")  # a picture with them is none
# Widths in Verdana at 11 px, as such badges have them: of what is narrow, of what is wide.
_NARROW, _WIDE, _MEAN = 4.6, 9.6, 7.0
_PADDING, _HEIGHT = 6, 20
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}" role="img" aria-label="{}">'
    "<title>{}</title>"
    '<clipPath id="round"><rect width="{}" height="{}" rx="3"/></clipPath>'
    '<g clip-path="url(#round)"><rect width="{}" height="{}" fill="#3b4049"/>'
    '<rect x="{}" width="{}" height="{}" fill="{}"/></g>'
    '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" '
    'font-size="11"><text x="{}" y="14" textLength="{}">{}</text>'
    '<text x="{}" y="14" textLength="{}">{}</text></g></svg>'
)


@dataclass(frozen=True, slots=True)
class Badge:
    """`mark` is that of a state."""

    label: str
    message: str
    mark: str

    @property
    def colour(self) -> str:
        return _COLOURS.get(self.mark, _NEUTRAL)

    def endpoint(self) -> dict[str, Any]:
        """The JSON of https://shields.io/badges/endpoint-badge."""
        return {
            "schemaVersion": 1,
            "label": self.label,
            "message": self.message,
            "color": self.colour,
        }

    def svg(self) -> str:
        left, right = _width(self.label), _width(self.message)
        first, second = left + 2 * _PADDING, right + 2 * _PADDING
        words = f"{self.label}: {self.message}"
        return filled(
            _SVG, first + second, _HEIGHT, words, words, first + second, _HEIGHT, first, _HEIGHT,
            first, second, _HEIGHT, self.colour,
            first / 2, left, self.label, first + second / 2, right, self.message,
        )  # fmt: skip


def badge(name: str, word: str, uptime: str, mark: str) -> Badge:
    """`Shop: up, 99.98 %`."""
    known = f", {uptime}" if uptime and uptime != "–" else ""
    return Badge(_NO_XML.sub("\ufffd", line(name, _LONGEST)), word.lower() + known, mark)


def _width(text: str) -> int:
    return round(sum(map(_character, text)))


def _character(one: str) -> float:
    if one in "ijlItf.,:;'|!()[] ":
        return _NARROW
    return _WIDE if one in "mwMW%@" or ord(one) > 0x2E80 else _MEAN
