"""Whatever is clicked on an application's page filters it, and stands in the address."""

import re

import pytest
from playwright.sync_api import Page, expect

from dashboard.tests.browser.browsing import Site
from ingest.tests.serving import App


@pytest.fixture
def opened(site: Site, app: App, page: Page) -> Page:
    """The page of an application with six events of three messages."""
    site.send(
        app,
        *[{"message": "Card refused", "level": "ERROR", "tags": {"country": "pl"}}] * 3,
        *[{"message": "Cart saved", "level": "INFO", "tags": {"country": "de"}}] * 2,
        {"message": "Slow query", "level": "WARNING"},
    )
    page.goto(f"/applications/{app.id}/")
    _shows(page, 6)
    return page


def _shows(page: Page, count: int) -> None:
    expect(page.locator("#list [data-row]")).to_have_count(count)


def _chip(page: Page, words: str) -> None:
    expect(page.get_by_role("list", name="Filters")).to_contain_text(words)


def test_a_click_on_a_message_filters_and_the_way_back_restores(opened: Page) -> None:
    opened.locator("#messages").get_by_role("link", name="Card refused").click()
    expect(opened).to_have_url(re.compile("message="))
    _chip(opened, "Card refused")
    _shows(opened, 3)
    opened.go_back()
    _shows(opened, 6)
    opened.go_forward()
    _shows(opened, 3)


def test_a_level_filters_until_its_chip_is_removed(opened: Page) -> None:
    opened.locator("#levels").get_by_role("link", name="INFO").click()
    expect(opened).to_have_url(re.compile("level=INFO"))
    _shows(opened, 2)
    opened.get_by_role("link", name="Remove the filter level: INFO").click()
    expect(opened).not_to_have_url(re.compile("level"))
    _shows(opened, 6)


def test_text_is_looked_for_beside_other_filters(opened: Page) -> None:
    opened.locator("#levels").get_by_role("link", name="ERROR").click()
    opened.get_by_label("Text in the message").fill("REFUS")
    opened.get_by_role("button", name="Search").click()
    expect(opened).to_have_url(re.compile("level=ERROR.*q=REFUS"))
    _shows(opened, 3)
    opened.get_by_label("Text in the message").fill("saved")
    opened.get_by_label("Text in the message").press("Enter")
    _shows(opened, 0)
    opened.get_by_role("link", name="Remove all filters").click()
    _shows(opened, 6)


def test_a_tag_of_an_event_leads_to_its_like(opened: Page) -> None:
    opened.locator("#list").get_by_role("link", name="Card refused").first.click()
    opened.get_by_role("link", name="pl", exact=True).click()
    expect(opened).to_have_url(re.compile("tag=country%3Apl"))
    _chip(opened, "country:pl")
    _shows(opened, 3)


def test_a_drag_over_the_chart_zooms_into_its_time(site: Site, page: Page) -> None:
    page.goto(f"{site.shop}?range=7d&level=ERROR")
    canvas = page.locator("figure[data-drawn] canvas").first
    box = canvas.bounding_box()
    assert box is not None
    height = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.4, height)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, height, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile("since=[^&]+&until=.*level=ERROR|level=ERROR.*since="))
    expect(page.locator("figure[data-drawn] canvas").first).to_be_visible()
    expect(page.get_by_label("Range")).not_to_contain_text("Custom")
    page.go_back()
    expect(page).to_have_url(re.compile("range=7d"))


def test_a_country_on_the_map_tells_its_name_and_filters_as_its_row_does(
    site: Site, page: Page
) -> None:
    page.goto(f"{site.shop}traffic/?range=7d")
    country = page.locator('.world > a[href*="country=BR"]')
    shape = country.locator("use")
    expect(country.locator("text")).to_be_hidden()
    shape.hover()
    expect(country.locator("text")).to_be_visible()
    expect(country.locator("text")).to_have_text(re.compile(r"^Brazil: [\d,]+$"))
    fill = "one => getComputedStyle(one).fill"
    assert shape.evaluate(fill) != page.locator(".world > .land").evaluate(fill)
    shape.click()
    expect(page).to_have_url(re.compile(r"country=BR"))
    _chip(page, "BR")
    expect(page.locator(".world > a")).to_have_count(1)
    page.locator(".world > a > use").click()
    expect(page).not_to_have_url(re.compile("country"))


def test_countries_are_reached_by_the_keyboard_in_the_table(site: Site, page: Page) -> None:
    page.goto(f"{site.shop}traffic/?range=7d")
    page.get_by_text("All countries as a table").press("Enter")
    link = page.locator("#country-table").get_by_role("link", name="Brazil")
    link.press("Enter")
    expect(page).to_have_url(re.compile(r"country=BR"))
