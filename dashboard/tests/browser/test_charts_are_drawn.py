"""Charts have pixels of the levels' colours on the screen, and nothing moves when they appear."""

import re
from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.tests.browser.browsing import Site, fade
from dashboard.tests.browser.conftest import Visit
from dashboard.tests.browser.pixels import colour, pixels

LEVELS = ("--info", "--warning", "--error")
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
ENOUGH = 50  # pixels of one colour
MOST_SHIFT = 0.01  # of layout: Google calls 0.1 good
_NOTE_SHIFTS = """
window.shifted = 0;
new PerformanceObserver(list => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;
}).observe({type: "layout-shift", buffered: true});
"""
CHARTS: dict[str, Callable[[Site], str]] = {
    "application": lambda site: site.shop,
    "admin": lambda _site: "/admin/",
    "admin of one": lambda site: site.shop_in_admin,
}


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_appears_where_its_place_was_in_the_colours_of_the_levels(
    visit: Visit, site: Site, name: str, width: int
) -> None:
    page = visit(width=width).page
    page.add_init_script(_NOTE_SHIFTS)
    page.goto(f"{CHARTS[name](site)}?range=7d")
    drawn = page.locator("figure[data-chart=course][data-drawn]")
    expect(drawn).to_have_count(1)
    chart = drawn.locator("canvas").first
    light, dark = (_bars(chart, theme) for theme in THEMES)
    assert not light & dark
    assert page.evaluate("window.shifted") < MOST_SHIFT


def test_the_overview_draws_a_course_for_each_application(page: Page) -> None:
    page.goto("/")
    rows = page.get_by_role("link", name=re.compile("^demo-"))
    expect(rows).to_have_count(3)
    for row in rows.all():
        found = pixels(row.locator(".spark"))
        assert found.get(colour(page, "--info"), 0) > ENOUGH, row.inner_text()


def test_the_numbers_of_a_chart_are_in_its_table(site: Site, page: Page) -> None:
    page.goto(f"{site.shop}?range=7d")
    page.get_by_text("Events by hour as a table").click()
    table = page.get_by_role("table", name=re.compile("Events"))
    expect(table.get_by_role("columnheader", name="ERROR")).to_be_visible()
    numbers = [int(cell.replace(",", "")) for cell in table.get_by_role("cell").all_inner_texts()]
    label = page.locator("figure canvas").first.get_attribute("aria-label") or ""
    assert f", {sum(numbers):,} in all" in label


def _bars(chart: Locator, theme: Literal["light", "dark"]) -> set[str]:
    """The colours of the levels in a theme: the chart has them all."""
    page = chart.page
    page.emulate_media(color_scheme=theme)
    fade(page)
    found = pixels(chart)
    expected = {colour(page, level) for level in LEVELS}
    assert all(found.get(one, 0) > ENOUGH for one in expected), (theme, found)
    return expected
