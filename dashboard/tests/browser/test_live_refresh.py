"""Events appear on a page that is open, until somebody pauses it."""

import pytest
from playwright.sync_api import Page, expect

from dashboard.tests.browser.browsing import Site
from dashboard.tests.browser.conftest import Visit
from ingest.tests.serving import App

PERIOD = 10_000  # milliseconds between two looks


@pytest.fixture
def opened(site: Site, app: App, visit: Visit) -> Page:
    """An application's page, whose time passes only when a test says so."""
    site.send(app, {"message": "Already there"})
    page = visit(alone=True).page
    page.clock.install()
    page.goto(f"/applications/{app.id}/")
    expect(page.locator("#list [data-row]")).to_have_count(1)
    page.evaluate("window.kept = true")  # gone after a reload
    return page


def test_an_event_appears_by_itself(site: Site, app: App, opened: Page) -> None:
    site.send(app, {"message": "Just now", "level": "ERROR"})
    opened.clock.run_for(PERIOD)
    expect(opened.locator("#list")).to_contain_text("Just now")
    expect(opened.locator("#messages")).to_contain_text("Just now")
    expect(opened.locator("#tiles")).to_contain_text("2")
    assert opened.evaluate("window.kept")


def test_a_paused_page_stays_as_it_is(site: Site, app: App, opened: Page) -> None:
    opened.get_by_role("button", name="Live").click()
    paused = opened.get_by_role("button", name="Paused")
    expect(paused).to_have_attribute("aria-pressed", "false")
    site.send(app, {"message": "While nobody looks"})
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.resource_type))
    opened.clock.run_for(4 * PERIOD)
    expect(opened.locator("#list")).not_to_contain_text("While nobody looks")
    assert set(asked) <= {"image", "other"}  # the page's icon, whenever the browser likes
    paused.click()
    opened.clock.run_for(PERIOD)
    expect(opened.locator("#list")).to_contain_text("While nobody looks")


def test_a_pause_outlives_a_reload(opened: Page) -> None:
    opened.get_by_role("button", name="Live").click()
    opened.reload()
    expect(opened.get_by_role("button", name="Paused")).to_be_visible()


def test_a_page_without_traffic_becomes_one_with_the_first_request(
    site: Site, app: App, visit: Visit
) -> None:
    page = visit(alone=True).page
    page.goto(f"/applications/{app.id}/traffic/")
    expect(page.get_by_role("heading", name="No request yet")).to_be_visible()
    record = {"method": "GET", "path": "/users/42", "status": 200, "duration_ms": 12.5}
    site.send(app, record, kind="requests")
    expect(page.locator("#list")).to_contain_text("/users/42")
