"""Draws the world of the traffic page from Natural Earth's countries: `make world-map`.

Natural Earth (https://www.naturalearthdata.com) is in the public domain; its countries come as
TopoJSON from the npm package world-atlas. They are drawn once, in the Equal Earth projection
(Šavrič, Patterson and Jenny 2018), into a file that browsers keep: `#land` is all of it, and each
country is an element with its ISO 3166-1 code, to be shown by `<use>`. Countries that are too small
to be seen, or have no shape at 1:110 million, are dots.
"""

import json
import logging
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

from dashboard.country_names import NAMES
from traffic.fetching_countries import Source, packed

logger = logging.getLogger(__name__)

TARGET = Path(__file__).resolve().parents[2] / "static" / "dashboard" / "world.svg"
_URL = "https://registry.npmjs.org/world-atlas/-/world-atlas-2.0.2.tgz"
_SHA512 = "IXfV0qwlKXpckz1FhwXVwKRjiIhOnWttOskm5CtxMsjgE/MXAYRHWJqgXOpM8IkcPBoXnyTU5lFHcYa5ChG0LQ=="
COARSE = Source(_URL, _SHA512, "package/countries-110m.json")
FINE = Source(_URL, _SHA512, "package/countries-50m.json")

WIDTH = 2_000  # units: whole ones are fine enough for the widest page
MIDDLE = 11  # degrees east, in the middle: the cut at the sides is between Asia and America
NORTH, SOUTH = 84.0, -58.0  # degrees; below is Antarctica
SMALL = 13  # units in width and height up to which a country is a dot
DOT = 10  # units, the radius
APART = 17  # units between the middles of dots

# Their numbers, by which world-atlas tells countries, with the code before each.
_NUMBERS = """
AD020 AE784 AF004 AG028 AI660 AL008 AM051 AO024 AQ010 AR032 AS016 AT040 AU036 AW533 AX248 AZ031
BA070 BB052 BD050 BE056 BF854 BG100 BH048 BI108 BJ204 BL652 BM060 BN096 BO068 BR076 BS044 BT064
BW072 BY112 BZ084 CA124 CD180 CF140 CG178 CH756 CI384 CK184 CL152 CM120 CN156 CO170 CR188 CU192
CV132 CW531 CY196 CZ203 DE276 DJ262 DK208 DM212 DO214 DZ012 EC218 EE233 EG818 EH732 ER232 ES724
ET231 FI246 FJ242 FK238 FM583 FO234 FR250 GA266 GB826 GD308 GE268 GG831 GH288 GL304 GM270 GN324
GQ226 GR300 GS239 GT320 GU316 GW624 GY328 HK344 HM334 HN340 HR191 HT332 HU348 ID360 IE372 IL376
IM833 IN356 IO086 IQ368 IR364 IS352 IT380 JE832 JM388 JO400 JP392 KE404 KG417 KH116 KI296 KM174
KN659 KP408 KR410 KW414 KY136 KZ398 LA418 LB422 LC662 LI438 LK144 LR430 LS426 LT440 LU442 LV428
LY434 MA504 MC492 MD498 ME499 MF663 MG450 MH584 MK807 ML466 MM104 MN496 MO446 MP580 MR478 MS500
MT470 MU480 MV462 MW454 MX484 MY458 MZ508 NA516 NC540 NE562 NF574 NG566 NI558 NL528 NO578 NP524
NR520 NU570 NZ554 OM512 PA591 PE604 PF258 PG598 PH608 PK586 PL616 PM666 PN612 PR630 PS275 PT620
PW585 PY600 QA634 RO642 RS688 RU643 RW646 SA682 SB090 SC690 SD729 SE752 SG702 SH654 SI705 SK703
SL694 SM674 SN686 SO706 SR740 SS728 ST678 SV222 SX534 SY760 SZ748 TC796 TD148 TF260 TG768 TH764
TJ762 TL626 TM795 TN788 TO776 TR792 TT780 TW158 TZ834 UA804 UG800 US840 UY858 UZ860 VA336 VC670
VE862 VG092 VI850 VN704 VU548 WF876 WS882 YE887 ZA710 ZM894 ZW716
"""
_CODES = {each[2:]: each[:2] for each in _NUMBERS.split()}
# Without a number there: addresses are told to these countries.
_NAMED = {"Kosovo": "XK", "N. Cyprus": "CY", "Somaliland": "SO"}
# Parts that have codes of their own: of which country, west of and north of which degree.
_PARTS = {"GF": ("FR", -30, -90), "SJ": ("NO", 180, 74)}
# Degrees east and north of what has no shape of its own at 1:50 million, either.
_PLACES = {
    "AQ": (0, -56), "BQ": (-68.3, 12.2), "BV": (3.4, -54.4), "CC": (96.8, -12.2),
    "CX": (105.7, -10.5), "GI": (-5.35, 36.1), "GP": (-61.5, 16.2), "MQ": (-61, 14.6),
    "RE": (55.5, -21.1), "TK": (-171.8, -9.2), "TV": (179.2, -8.5), "UM": (166.6, 19.3),
    "YT": (45.2, -12.8),
}  # fmt: skip

Point = tuple[float, float]
Ring = Sequence[Point]
Shapes = Mapping[str, Sequence[Ring]]  # the outlines of each country


def rings(atlas: Mapping[str, Any]) -> Shapes:
    """The outlines of a TopoJSON file's countries, in degrees."""
    arcs = [list(_degrees(arc, atlas["transform"])) for arc in atlas["arcs"]]
    found: dict[str, list[Ring]] = {}
    for country in atlas["objects"]["countries"]["geometries"]:
        name = country["properties"]["name"]
        code = _CODES.get(country.get("id", "")) or _NAMED.get(name)
        several = country["type"] == "MultiPolygon"
        for polygon in country["arcs"] if several else [country["arcs"]]:
            for ring in polygon:
                outline = _joined(arcs, ring)
                if code:
                    found.setdefault(_part(code, outline), []).append(outline)
    return found


def _degrees(arc: Sequence[Point], transform: Mapping[str, Any]) -> Iterator[Point]:
    (x_scale, y_scale), (x_first, y_first) = transform["scale"], transform["translate"]
    x = y = 0.0
    for dx, dy in arc:
        x, y = x + dx, y + dy
        yield x * x_scale + x_first, y * y_scale + y_first


def _joined(arcs: Sequence[Ring], numbers: Iterable[int]) -> Ring:
    """A ring of arcs; one that is told by the complement of its number runs backwards."""
    points: list[Point] = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc[bool(points) :]
    return points


def _part(code: str, ring: Ring) -> str:
    for part, (whole, west, north) in _PARTS.items():
        if code == whole and all(x < west and y > north for x, y in ring):
            return part
    return code


def projected(longitude: float, latitude: float) -> Point:
    """The place in the Equal Earth projection, y downwards, in a world 2 wide."""
    a1, a2, a3, a4, m = 1.340264, -0.081106, 0.000893, 0.003796, math.sqrt(3) / 2
    theta = math.asin(m * math.sin(math.radians(latitude)))
    square, sixth = theta**2, theta**6
    slope = a1 + 3 * a2 * square + sixth * (7 * a3 + 9 * a4 * square)
    x = math.radians(longitude) * math.cos(theta) / (m * slope)
    y = theta * (a1 + a2 * square + sixth * (a3 + a4 * square))
    half = math.pi / (m * a1)
    return x / half, -y / half


def cut(ring: Ring) -> Iterator[Ring]:
    """The parts of a ring in a world that has MIDDLE in its middle, by degrees east of it."""
    east = [(ring[0][0] - MIDDLE, ring[0][1])]
    for longitude, latitude in ring[1:]:  # on across the sides of the world
        step = (longitude - MIDDLE - east[-1][0] + 180) % 360 - 180
        east.append((east[-1][0] + step, latitude))
    for turn in (-360, 0, 360):
        turned = [(x + turn, y) for x, y in east]
        if part := _clipped(_clipped(turned, -180, 1), 180, -1):
            yield part


def _clipped(ring: Ring, edge: float, sign: int) -> Ring:
    """What of a ring is east (1) or west (-1) of an edge."""
    kept: list[Point] = []
    for (x, y), (px, py) in zip(ring, [ring[-1], *ring[:-1]] if ring else [], strict=True):
        if (sign * (x - edge) < 0) != (sign * (px - edge) < 0):
            kept.append((edge, py + (y - py) * (edge - px) / (x - px)))
        if sign * (x - edge) >= 0:
            kept.append((x, y))
    return kept


TOP, BOTTOM = (projected(0, latitude)[1] for latitude in (NORTH, SOUTH))
HEIGHT = round((BOTTOM - TOP) * WIDTH / 2)


def drawn_at(point: Point) -> Point:
    """The place in units of the drawing, by degrees east of the middle and north."""
    x, y = projected(*point)
    return (x + 1) * WIDTH / 2, (y - TOP) * WIDTH / 2


@dataclass(frozen=True, slots=True)
class World:
    """Paths by country, paths of countries too small to be told, and the middles of dots."""

    paths: Mapping[str, str]
    unnamed: Sequence[str]
    dots: Mapping[str, Point]

    def svg(self) -> str:
        dots = [
            f'<circle id="{code}" cx="{x:.0f}" cy="{y:.0f}" r="{DOT}"/>'
            for code, (x, y) in self.dots.items()
        ]
        shapes = [f'<path id="{code}" d="{path}"/>' for code, path in self.paths.items()]
        unnamed = [f'<path d="{path}"/>' for path in self.unnamed]
        return "\n".join(
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">',
                "<!-- Countries of Natural Earth, public domain: dashboard/tools/world_map.py -->",
                *("<defs>", *dots, "</defs>"),
                *('<g id="land">', *shapes, *unnamed, "</g>"),
                "</svg>\n",
            )
        )


def world(coarse: Shapes, fine: Shapes) -> World:
    """Countries as shapes where these can be seen, and the others as dots."""
    paths, unnamed, dots = {}, [], {}
    for code in sorted(NAMES):
        outlines = [] if code == "AQ" else coarse.get(code, [])
        shape = [[*map(drawn_at, part)] for ring in outlines for part in cut(ring)]
        path = "".join(map(_path, shape))
        if path and _is_seen(shape):
            paths[code] = path
            continue
        if path:
            unnamed.append(path)
        longitude, latitude = _PLACES.get(code) or _middle(fine[code])
        dots[code] = drawn_at(((longitude - MIDDLE + 180) % 360 - 180, latitude))
    return World(paths, unnamed, _spread(dots))


def _path(ring: Ring) -> str:
    """A ring as path data: its first point, then steps in whole units."""
    points = [(round(x), round(y)) for x, y in ring]
    steps = [(x - px, y - py) for (px, py), (x, y) in pairwise(points) if (x, y) != (px, py)]
    if len(steps) < 2:  # no more than a line is left of it
        return ""
    told = "".join(_told(number) for step in steps for number in step)
    return f"M{points[0][0]} {points[0][1]}l{told.lstrip()}z"


def _told(number: int) -> str:
    return f" {number}" if number >= 0 else str(number)


def _is_seen(shape: Sequence[Ring]) -> bool:
    largest = max(shape, key=_area)
    return max(_lengths(largest)) > SMALL


def _lengths(ring: Ring) -> tuple[float, float]:
    xs, ys = zip(*ring, strict=True)
    return max(xs) - min(xs), max(ys) - min(ys)


def _area(ring: Ring) -> float:
    width, height = _lengths(ring)
    return width * height


def _middle(shape: Sequence[Ring]) -> Point:
    """The middle of the largest island."""
    xs, ys = zip(*max(shape, key=_area), strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def _spread(dots: Mapping[str, Point]) -> dict[str, Point]:
    """Dots moved apart until none hides another, as those of the Caribbean would."""
    placed = dict(dots)
    for _round in range(100):
        for one, other in combinations(placed, 2):
            (x, y), (ox, oy) = placed[one], placed[other]
            distance = math.hypot(ox - x, oy - y) or 0.01
            if (missing := (APART - distance) / 2) > 0:
                dx, dy = (ox - x) * missing / distance, (oy - y) * missing / distance
                placed[one], placed[other] = (x - dx, y - dy), (ox + dx, oy + dy)
    return placed


def draw(target: Path = TARGET) -> None:
    """Fetch the countries, and write the world."""
    coarse, fine = (rings(json.loads(packed(source))) for source in (COARSE, FINE))
    found = world(coarse, fine)
    target.write_text(found.svg())
    logger.info(
        "%s: %d shapes, %d dots, %d bytes",
        target.name, len(found.paths), len(found.dots), target.stat().st_size,
    )  # fmt: skip


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    draw()
