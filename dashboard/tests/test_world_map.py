"""The file has every country, and a page puts those with requests in the right shade."""

import gzip
import math
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.utils import timezone

from dashboard import world_map
from dashboard.country_names import NAMES
from dashboard.tools import world_map as drawing
from stats.traffic.breakdowns import ValueCount


def counted(**requests: int) -> list[ValueCount]:
    now = timezone.now()
    return [ValueCount(code, n, 0, n // 2, now, now) for code, n in requests.items()]


def world(**requests: int) -> world_map.World:
    return world_map.world(counted(**requests), "?country={}".format)


# --- On the page ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (0, []),
        (1, [1]),
        (4, [1, 2]),
        (40, [1, 2, 5, 10]),
        (12_345, [1, 5, 20, 200, 1_000]),
        (10**9, [1, 50, 2_000, 200_000, 10_000_000]),
    ],
)
def test_shades_begin_at_round_numbers(most: int, expected: list[int]) -> None:
    assert world_map.steps(most) == expected


def test_the_most_requests_have_the_strongest_shade_and_few_the_weakest() -> None:
    found = world(US=12_345, FR=30, DE=19, PL=1)
    assert [country.shade for country in found.countries] == [5, 3, 2, 1]
    assert [step.label for step in found.legend] == ["1+", "5+", "20+", "200+", "1k+"]
    assert [step.shade for step in found.legend] == [1, 2, 3, 4, 5]
    assert [country.shade for country in world(US=1).countries] == [5]


def test_what_no_file_has_is_told_and_not_drawn() -> None:
    found = world(**{"ZZ": 5, '"/': 4, "FR": 3})
    assert [country.code for country in found.countries] == ["ZZ", '"/', "FR"]
    assert [country.code for country in found.drawn] == ["FR"]
    assert (found.countries[2].name, found.countries[2].errors) == ("France", 1)


def test_small_countries_are_drawn_over_the_large_ones_around_them() -> None:
    assert [country.code for country in world(HK=9, CN=5, SG=2, MY=1).drawn] == [
        "CN", "MY", "HK", "SG",
    ]  # fmt: skip


# --- In the file ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def svg() -> str:
    return Path(str(finders.find(world_map.FILE))).read_text()


def test_every_country_is_in_the_file_once(svg: str) -> None:
    assert sorted(re.findall(r' id="(\w\w)"', svg)) == sorted(NAMES)
    assert svg.count('<g id="land">') == 1


def test_the_file_is_small(svg: str) -> None:
    assert len(gzip.compress(svg.encode())) < 20_000


def test_nothing_lies_outside_of_the_picture(svg: str) -> None:
    width, height = (int(number) for number in re.findall(r'viewBox="0 0 (\d+) (\d+)"', svg)[0])
    assert (width, height) == (drawing.WIDTH, drawing.HEIGHT)
    places = re.findall(r'cx="(-?\d+)" cy="(-?\d+)"', svg) + re.findall(r"M(-?\d+) (-?\d+)", svg)
    assert len(places) > 300
    assert all(0 <= int(x) <= width and 0 <= int(y) <= height for x, y in places)


def test_no_dot_hides_another(svg: str) -> None:
    dots = [(int(x), int(y)) for x, y in re.findall(r'cx="(-?\d+)" cy="(-?\d+)"', svg)]
    assert min(math.dist(*pair) for pair in combinations(dots, 2)) > 1.5 * drawing.DOT


# --- How it is drawn -----------------------------------------------------------------------


def test_the_projection_is_equal_earth() -> None:
    assert drawing.projected(0, 0) == (0, 0)
    assert drawing.projected(180, 0) == pytest.approx((1, 0))
    assert drawing.projected(-180, 0) == pytest.approx((-1, 0))
    # Figures of the paper's authors: the pole is 0.5924 as wide, and the world 2.05458 : 1.
    assert drawing.projected(180, 90)[0] == pytest.approx(0.5924, abs=0.001)
    assert -1 / drawing.projected(0, 90)[1] == pytest.approx(2.05458, abs=0.001)


def atlas(code: str, *arcs: list[list[int]], rings: list[list[int]], name: str = "x") -> Any:
    country = {"type": "Polygon", "id": code, "arcs": rings, "properties": {"name": name}}
    return {
        "transform": {"scale": [0.5, 1], "translate": [-10, 0]},
        "arcs": arcs,
        "objects": {"countries": {"geometries": [country]}},
    }


def test_rings_are_joined_of_arcs_forwards_and_backwards() -> None:
    first, second = [[20, 0], [4, 0], [0, 4]], [[20, 0], [0, 4], [4, 0]]
    found = drawing.rings(atlas("250", first, second, rings=[[0, -2]]))
    assert found == {"FR": [[(0, 0), (2, 0), (2, 4), (0, 4), (0, 0)]]}


def test_parts_with_codes_of_their_own_and_countries_without_numbers_are_told() -> None:
    guiana = [[-90, 2], [4, 0], [0, 4], [-4, -4]]
    assert list(drawing.rings(atlas("250", guiana, rings=[[0]]))) == ["GF"]
    assert list(drawing.rings(atlas("", guiana, rings=[[0]], name="Kosovo"))) == ["XK"]
    assert drawing.rings(atlas("", guiana, rings=[[0]], name="Siachen Glacier")) == {}


def test_a_ring_across_the_sides_of_the_world_is_cut() -> None:
    west, east = drawing.MIDDLE - 180, drawing.MIDDLE + 180
    ring = [(east - 5, 0), (west + 5, 0), (west + 5, 10), (east - 5, 10), (east - 5, 0)]
    found = [{(round(x), round(y)) for x, y in part} for part in drawing.cut(ring)]
    assert sorted(found, key=min) == [
        {(-180, 0), (-175, 0), (-175, 10), (-180, 10)},
        {(175, 0), (180, 0), (180, 10), (175, 10)},
    ]


def test_what_is_too_small_to_be_seen_is_a_dot() -> None:
    large = [(2.0, 45.0), (9.0, 45.0), (9.0, 50.0), (2.0, 45.0)]
    small = [(6.0, 49.0), (6.3, 49.0), (6.3, 49.3), (6.0, 49.0)]
    fine = {code: [small] for code in NAMES}
    found = drawing.world({"FR": [large], "LU": [small]}, fine)
    assert list(found.paths) == ["FR"]
    assert set(found.dots) == {*NAMES} - {"FR"}
    assert '<circle id="LU"' in found.svg()
