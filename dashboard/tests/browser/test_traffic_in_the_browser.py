"""Routes are hidden and shown by a click, and another period is a dashed line in the chart."""

import re

import pytest
from playwright.sync_api import Page, expect

from dashboard.tests.browser.browsing import Site, fits
from dashboard.tests.browser.conftest import Visit
from dashboard.tests.browser.pixels import colour, pixels
from ingest.tests.serving import App

_REQUEST = {"method": "GET", "status": 200, "duration_ms": 12.5}


@pytest.fixture
def traffic(site: Site, app: App) -> str:
    """The page of an application with two routes."""
    paths = ("/a", "/a", "/health")
    site.send(app, *[{**_REQUEST, "path": path} for path in paths], kind="requests")
    return f"/applications/{app.id}/traffic/"


def _routes(page: Page, *names: str) -> None:
    expect(page.locator("#routes .route bdi")).to_have_text(names)


@pytest.mark.parametrize("java_script_enabled", [True, False])
def test_a_route_is_hidden_and_shown_again_by_clicks(
    visit: Visit, traffic: str, java_script_enabled: bool
) -> None:
    page = visit(java_script_enabled=java_script_enabled).page
    page.goto(f"{traffic}?range=7d")
    _routes(page, "/a", "/health")
    page.get_by_role("button", name="Hide /health for good").click()
    expect(page).to_have_url(re.compile(r"/traffic/\?range=7d$"))
    expect(page.get_by_role("status")).to_have_text("/health is hidden for everybody.")
    _routes(page, "/a")
    page.get_by_role("link", name="Show everything").click()
    _routes(page, "/a", "/health")
    page.get_by_role("link", name="Leave out 1 hidden route").click()
    page.get_by_text("1 hidden route", exact=True).click()
    page.get_by_role("button", name="Show /health again").click()
    _routes(page, "/a", "/health")
    expect(page.locator(".left-out")).to_have_count(0)


def test_a_route_is_hidden_from_the_keyboard(visit: Visit, traffic: str) -> None:
    page = visit(traffic).page
    page.get_by_role("link", name="Leave out /health").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    _routes(page, "/a")


def test_another_period_is_drawn_and_told(page: Page, site: Site) -> None:
    page.goto(f"{site.shop}traffic/")
    page.get_by_text("Compare", exact=True).first.click()
    page.get_by_role("link", name="Period before").click()
    expect(page).to_have_url(re.compile(r"\?compare=before$"))
    chart = page.locator('figure[data-chart="course"][data-drawn] canvas').first
    expect(chart).to_be_visible()
    assert pixels(chart).get(colour(page, "--muted"), 0) > 50
    expect(page.locator(".legend-other")).to_contain_text("Period before")
    assert fits(page, 390)


def test_a_date_of_ones_own_is_compared_with(page: Page, site: Site) -> None:
    page.goto(f"{site.shop}traffic/?range=1h")
    page.get_by_text("Compare", exact=True).first.click()
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(re.compile(r"\?range=1h&compare=20"))
    expect(page.locator(".legend-other")).to_contain_text("Other period")


def test_a_view_is_saved_opened_and_deleted(visit: Visit, traffic: str) -> None:
    page = visit(f"{traffic}?range=7d&route=/health").page
    page.locator("summary", has_text="Views").click()
    page.get_by_label("Save the page as it is").fill("Health")
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_role("status")).to_have_text("Health is saved for everybody.")
    page.goto(traffic)
    page.locator("summary", has_text="Views").click()
    page.get_by_role("link", name="Health", exact=True).click()
    _routes(page, "/health")
    page.locator("summary", has_text="Views").click()
    page.get_by_role("button", name="Delete the view Health").click()
    expect(page.get_by_role("status")).to_have_text("Health is deleted.")
