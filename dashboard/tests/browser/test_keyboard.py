"""Pages are gone through by keys, unless the viewer has switched that off."""

import re

import pytest
from playwright.sync_api import Page, expect

from dashboard.tests.browser.browsing import Site


@pytest.fixture
def shop(site: Site) -> str:
    return site.shop


@pytest.mark.parametrize("address", ["overview", "application"])
def test_a_slash_goes_to_the_search(page: Page, shop: str, address: str) -> None:
    page.goto("/" if address == "overview" else shop)
    page.keyboard.press("/")
    search = page.get_by_role("searchbox")
    expect(search).to_be_focused()
    page.keyboard.type("a/j?")
    expect(search).to_have_value("a/j?")


def test_j_and_k_step_through_rows_and_enter_opens_one(page: Page, shop: str) -> None:
    page.goto(shop)
    rows = page.locator("[data-row]")
    page.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(rows.nth(2)).to_be_focused()
    page.keyboard.press("k")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("message="))


def test_the_help_opens_and_closes(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(help_).to_be_visible()
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()


def test_escape_closes_a_menu(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Account of admin").click()
    link = page.get_by_role("link", name="Administration")
    expect(link).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()


def test_the_first_tab_leads_past_the_header(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_nothing_happens_where_they_are_switched_off(page: Page, shop: str) -> None:
    page.goto("/account/")
    page.get_by_role("checkbox", name="Keyboard shortcuts").uncheck()
    page.get_by_role("button", name="Save preferences").click()
    expect(page.get_by_role("status")).to_contain_text("saved")
    page.goto(shop)
    for key in ("/", "j", "?"):
        page.keyboard.press(key)
    expect(page.locator("body")).to_be_focused()
    expect(page.get_by_role("dialog")).to_have_count(0)
