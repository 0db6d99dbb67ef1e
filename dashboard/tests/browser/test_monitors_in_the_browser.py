"""From an address to a monitor and a public status page, as one person does it."""

import re

import pytest
from playwright.sync_api import Page, expect

from dashboard.tests.browser.accessibility import violations
from dashboard.tests.browser.browsing import NOBODY, Site, fits
from dashboard.tests.browser.conftest import Visit
from ingest.tests.serving import App


@pytest.mark.parametrize("scripts", [True, False])
def test_an_address_is_watched_and_published(
    visit: Visit, site: Site, app: App, scripts: bool
) -> None:
    page = visit(java_script_enabled=scripts).page
    page.goto(f"/applications/{app.id}/")
    page.get_by_role("link", name="Monitors").click()
    if scripts:
        _is_accessible(page)
    page.get_by_label("Address").fill(f"{site.address}/livez")
    page.get_by_role("button", name="Watch it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("127.0.0.1")
    expect(page.get_by_text("Waiting for its first check")).to_be_visible()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Name").fill("Our own")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#verdict")).to_contain_text("Paused")
    page.goto(f"/applications/{app.id}/settings/")
    page.get_by_label("Publish it").check()
    page.get_by_label("Title").fill("All of ours")
    page.get_by_label("Our own").check()
    page.get_by_role("button", name="Save status page").click()
    expect(page.get_by_text("Everybody who knows its address sees it.")).to_be_visible()
    address = page.locator("#status").get_by_role("link").first.inner_text()
    _see_as_everybody(visit, address, scripts=scripts)


def _see_as_everybody(visit: Visit, address: str, *, scripts: bool) -> None:
    page = visit(java_script_enabled=scripts, storage_state=NOBODY).page
    page.goto(address)
    expect(page.get_by_role("heading", name="All of ours")).to_be_visible()
    expect(page.get_by_role("heading", name="Our own")).to_be_visible()
    assert page.context.cookies() == []
    if scripts:
        _is_accessible(page)


def test_the_status_page_of_the_demo_is_accessible(visit: Visit, site: Site, page: Page) -> None:
    page.goto(f"{site.shop}settings/")
    page.get_by_label("Publish it").check()
    for box in page.locator("#status .status-monitors input").all():
        box.check()
    page.get_by_role("button", name="Save status page").click()
    address = page.locator("#status").get_by_role("link").first.inner_text()
    _is_accessible(page)
    seen = visit(storage_state=NOBODY).page
    seen.goto(address)
    expect(seen.get_by_text("Everything is up")).to_be_visible()
    _is_accessible(seen)


def test_a_list_is_filtered_and_a_monitor_opened(page: Page, site: Site) -> None:
    page.goto(f"{site.shop}monitors/")
    expect(page.locator("[data-row]")).to_have_count(3)
    page.get_by_role("link", name="jobs", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?tag=jobs$"))
    page.locator("[data-row]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nightly stock import")
    expect(page.locator("#ping")).to_contain_text("/ping/")
    page.get_by_text("systemd", exact=True).click()
    expect(page.get_by_text("ExecStopPost")).to_be_visible()
    page.get_by_role("link", name="7d", exact=True).click()
    page.get_by_text("Output").first.click()
    expect(page.get_by_text("stock is up to date").first).to_be_visible()


def test_the_chart_of_response_times_is_drawn(page: Page, site: Site) -> None:
    page.goto(f"{site.monitor('Shop')}?range=7d")
    expect(page.locator("figure[data-drawn]")).to_have_count(1)
    page.get_by_text("Response times as a table").click()
    expect(page.get_by_role("columnheader", name="p95")).to_be_visible()


def _is_accessible(page: Page) -> None:
    for width in (320, 1280):
        assert fits(page, width), width
    assert violations(page) == []
