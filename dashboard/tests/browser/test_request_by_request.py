"""From the list of requests to one of them, on to its neighbours, back, and onto paper."""

import re

import pytest
from playwright.sync_api import Page, expect

from dashboard.tests.browser.browsing import Site
from ingest.tests.serving import App


@pytest.fixture
def opened(site: Site, app: App, page: Page) -> Page:
    """The traffic page of three failed requests and one that succeeded."""
    for path, status in (("/a", 404), ("/b", 500), ("/fine", 200), ("/c", 503)):
        sent = {"method": "GET", "path": path, "status": status, "duration_ms": 12}
        site.send(app, sent, kind="requests")
    page.goto(f"/applications/{app.id}/traffic/?range=1h&not_status=2xx")
    return page


def _is_shown(page: Page, path: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(rf"GET\s+{path}$"))


def test_requests_are_stepped_through_by_the_keyboard(opened: Page) -> None:
    opened.locator("#list [data-row]").first.press("Enter")
    _is_shown(opened, "/c")
    opened.keyboard.press("p")
    _is_shown(opened, "/b")
    opened.keyboard.press("p")
    _is_shown(opened, "/a")
    expect(opened.locator(".step-end")).to_have_text("Oldest")
    opened.keyboard.press("n")
    _is_shown(opened, "/b")
    opened.get_by_role("link", name="Back to the list").click()
    expect(opened).to_have_url(re.compile(r"/traffic/\?range=1h&not_status=2xx#requests$"))
    expect(opened.locator("#list [data-row]")).to_have_count(3)


def test_on_paper_it_is_without_what_is_for_screens(opened: Page) -> None:
    opened.locator("#list [data-row]").first.click()
    _is_shown(opened, "/c")
    opened.emulate_media(media="print", color_scheme="dark")
    expect(opened.get_by_role("heading", level=1)).to_be_visible()
    expect(opened.get_by_role("banner")).to_be_hidden()
    expect(opened.locator(".event-steps")).to_be_hidden()
    ink = opened.locator("h1").evaluate("one => getComputedStyle(one).color")
    assert max(map(int, re.findall(r"\d+", ink)[:3])) < 60
