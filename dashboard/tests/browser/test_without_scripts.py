"""Everything but drawn charts and the refresh works in a browser that runs no scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

from dashboard.tests.browser.browsing import NOBODY, Site, sign_in
from dashboard.tests.browser.conftest import Visit


@pytest.fixture
def page(visit: Visit) -> Page:
    return visit("/", java_script_enabled=False).page


def test_who_signs_in_creates_an_application_and_sees_its_key(visit: Visit) -> None:
    page = visit(java_script_enabled=False, storage_state=NOBODY).page
    sign_in(page)
    page.get_by_role("link", name="New application").click()
    page.get_by_label("Name").fill("without-scripts")
    page.get_by_role("button", name="Create application").click()
    key = page.locator(".secret code").inner_text()
    assert re.fullmatch("[0-9a-f]{32}", key)
    page.get_by_text("Node", exact=True).click()
    expect(page.get_by_role("region", name="Node, part 1")).to_be_visible()
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("Description").fill("Made by hand")
    page.get_by_role("button", name="Save details").click()
    expect(page.get_by_role("status")).to_contain_text("saved")
    expect(page.get_by_label("Description")).to_have_value("Made by hand")


def test_events_are_filtered_and_opened(page: Page, site: Site) -> None:
    page.goto(site.shop)
    page.get_by_role("link", name="7d", exact=True).click()
    page.locator("#levels").get_by_role("link", name="ERROR").click()
    expect(page).to_have_url(re.compile("range=7d&level=ERROR"))
    page.locator("summary").filter(has_text="Filter").click()
    page.get_by_label("Environment").fill("production")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page).to_have_url(re.compile("environment=production"))
    page.locator("#list [data-row]").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("heading", name="Stack")).to_be_visible()


def test_the_numbers_of_a_chart_are_in_its_table(page: Page, site: Site) -> None:
    page.goto(site.shop)
    expect(page.locator("noscript p")).to_be_visible()
    page.get_by_text("Events by hour as a table").click()
    expect(page.get_by_role("columnheader", name="ERROR")).to_be_visible()


def test_the_theme_is_changed(page: Page) -> None:
    page.get_by_label("Account of admin").click()
    page.get_by_role("link", name="Account of admin").click()
    page.get_by_label("Dark").check()
    page.get_by_role("button", name="Save preferences").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_nothing_is_shown_that_needs_a_script(page: Page, site: Site) -> None:
    for path in ("/", site.shop, site.shop_error):
        page.goto(path)
        for element in page.locator("[data-with-script]").all():
            expect(element).to_be_hidden()
