"""Times are in the viewer's zone and pages in the viewer's theme, from the first paint on."""

import re

import pytest
from playwright.sync_api import Page, expect

from dashboard.tests.browser.browsing import NOBODY, Site, sign_in
from dashboard.tests.browser.conftest import Visit

DARK = "rgb(14, 16, 20)"  # the canvas of tokens.css
LIGHT = "rgb(246, 246, 248)"


def _prefer(page: Page, label: str, value: str | None = None) -> None:
    page.goto("/account/")
    choice = page.get_by_label(label)
    choice.check() if value is None else choice.fill(value)
    page.get_by_role("button", name="Save preferences").click()
    expect(page.get_by_role("status")).to_contain_text("saved")


def _is_local(page: Page) -> None:
    """The browser tells an event's time as the page does."""
    moment = page.get_by_role("region", name="Details").locator("time").first
    local = moment.evaluate("""one => new Date(one.dateTime).toLocaleTimeString("en-GB",
        {hour: "2-digit", minute: "2-digit"})""")
    expect(moment).to_contain_text(local)


def test_times_are_in_the_zone_of_the_browser(visit: Visit, site: Site) -> None:
    page = visit(timezone_id="America/New_York", storage_state=NOBODY).page
    sign_in(page)
    expect(page.locator("footer")).to_contain_text("Times in America/New_York")
    page.goto(site.shop_error)
    _is_local(page)


def test_a_zone_that_was_chosen_wins(visit: Visit) -> None:
    page = visit(timezone_id="America/New_York").page
    _prefer(page, "Time zone", "Asia/Tokyo")
    expect(page.locator("footer")).to_contain_text("Times in Asia/Tokyo")
    _prefer(page, "Time zone", "")
    expect(page.locator("footer")).to_contain_text("Times in America/New_York")


def test_a_page_is_in_the_zone_of_a_browser_that_has_moved(visit: Visit, site: Site) -> None:
    """Who was in Warsaw yesterday sees their new zone at once, without a reload of their own."""
    page = visit(site.shop_error, timezone_id="Australia/Sydney").page
    expect(page.locator("footer")).to_contain_text("Times in Australia/Sydney")
    _is_local(page)


@pytest.mark.parametrize(("theme", "canvas"), [("Dark", DARK), ("Light", LIGHT)])
def test_a_chosen_theme_is_painted_by_the_server(
    visit: Visit, site: Site, theme: str, canvas: str
) -> None:
    other = "light" if theme == "Dark" else "dark"
    visitor = visit(color_scheme=other)
    visitor.expect_answers(404)
    page = visitor.page
    _prefer(page, theme)
    html = page.request.get("/").text()
    assert re.search(f'<html[^>]* data-theme="{theme.lower()}"', html)
    for path in ("/", site.shop, "/admin/", "/nowhere/"):
        page.goto(path)
        expect(page.locator("body"), path).to_have_css("background-color", canvas)


def test_the_theme_of_the_system_is_followed(page: Page) -> None:
    page.goto("/")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("body")).to_have_css("background-color", DARK)
    page.emulate_media(color_scheme="light")
    expect(page.locator("body")).to_have_css("background-color", LIGHT)
