"""The world as the traffic page shows it: countries in the shade of their number of requests.

The shapes are in one static file (drawn by `dashboard/tools/world_map.py`); a page names those of
which it has requests.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders

from dashboard import country_names
from dashboard.wording import compact
from stats.traffic.breakdowns import ValueCount

FILE = "dashboard/world.svg"
SHADES = 5
_ELEMENT = re.compile(r'<(path|circle) id="(\w\w)"')
_VIEW_BOX = re.compile(r'viewBox="([\d ]+)"')


@dataclass(frozen=True, slots=True)
class Country:
    """A country with requests; `shade` is 1 for the fewest, up to SHADES."""

    code: str
    name: str
    requests: int
    errors: int
    shade: int
    address: str


@dataclass(frozen=True, slots=True)
class Step:
    shade: int
    label: str


@dataclass(frozen=True, slots=True)
class World:
    """Countries by requests, the most first; and those that are drawn, in the order of drawing."""

    countries: Sequence[Country]
    drawn: Sequence[Country]
    legend: Sequence[Step]
    view_box: str


def world(counts: Sequence[ValueCount], address: Callable[[str], str]) -> World:
    """The world of these countries, each with the address that a click on it leads to."""
    beginnings = steps(max((one.requests for one in counts), default=0))
    countries = [
        Country(
            code=one.value,
            name=country_names.name(one.value),
            requests=one.requests,
            errors=one.client_errors + one.server_errors,
            shade=_shade(one.requests, beginnings),
            address=address(one.value),
        )
        for one in counts
    ]
    kinds, view_box = _file()
    drawn = [country for country in countries if country.code in kinds]
    # Dots last: what lies around them would hide them.
    drawn.sort(key=lambda country: kinds[country.code] == "circle")
    legend = [Step(_shade(first, beginnings), f"{compact(first)}+") for first in beginnings]
    return World(countries, drawn, legend, view_box)


def steps(most: int) -> list[int]:
    """The least numbers of requests of each shade: round ones, in equal proportions."""
    if most < 1:
        return []
    return sorted({_round(most ** (place / SHADES)) for place in range(SHADES)})


def _round(number: float) -> int:
    """1, 2 or 5 with zeros, not above the number."""
    size = 1
    while size * 10 <= number + 1e-9:
        size *= 10
    return max(size * first for first in (1, 2, 5) if size * first <= number + 1e-9)


def _shade(requests: int, beginnings: Sequence[int]) -> int:
    """Few steps are told by the strongest shades."""
    above = sum(requests >= first for first in beginnings)
    return SHADES - len(beginnings) + above


@cache
def _file() -> tuple[dict[str, str], str]:
    """The kind of element of each country in the file, and the file's view box."""
    path = finders.find(FILE)
    text = Path(str(path)).read_text()
    found = _VIEW_BOX.search(text)
    kinds = {code: kind for kind, code in _ELEMENT.findall(text)}
    return kinds, found[1] if found else ""
