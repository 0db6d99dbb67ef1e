"""axe-core finds nothing on any page, in either theme, on wide and narrow screens."""

from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from dashboard.tests.browser.accessibility import violations
from dashboard.tests.browser.browsing import NOBODY, Site, fits
from dashboard.tests.browser.conftest import Visit
from events.records import LEVELS
from ingest.tests.serving import App

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_MARK = """
from datetime import UTC, datetime
from applications.models import Application, Key
since, end = (datetime(year, 3, 2, tzinfo=UTC) for year in (2026, 2126))
marks = {{"unused_since": since, "grace_ends_at": end}}
Application.objects.filter(pk={id}).update(**marks)
Key.objects.filter(application={id}).update(**marks)
"""
UNFOLD = "all => all.forEach(one => { one.open = true; })"
Address = Callable[[Site], str]

PAGES: dict[str, str | Address] = {
    "overview": "/",
    "overview without a find": "/?q=nothing-of-this-name",
    "new application": "/applications/new/",
    "application without a find": lambda site: f"{site.shop}?level=ERROR&q=nothing&tag=x:y",
    "traffic": lambda site: f"{site.shop}traffic/?range=1h&status=4xx",
    "traffic of a country": lambda site: f"{site.shop}traffic/?range=7d&country=BR&status=4xx",
    "traffic compared": lambda site: f"{site.shop}traffic/?range=1h&status=4xx&compare=before",
    "traffic without a find": lambda site: f"{site.shop}traffic/?user=nobody",
    "event": lambda site: site.shop_error,
    "request": lambda site: site.shop_request,
    "monitors": lambda site: f"{site.shop}monitors/",
    "monitors without a find": lambda site: f"{site.shop}monitors/?q=nothing&tag=jobs",
    "monitor": lambda site: f"{site.monitor('Shop')}?range=90d&only=failures",
    "heartbeat": lambda site: f"{site.monitor('Nightly stock import')}?range=7d",
    "new monitor": lambda site: f"{site.shop}monitors/new/http/",
    "new heartbeat": lambda site: f"{site.shop}monitors/new/heartbeat/",
    "maintenance": lambda site: f"{site.shop}monitors/maintenance/",
    "setup": lambda site: f"{site.shop}setup/",
    "settings": lambda site: f"{site.shop}settings/",
    "account": "/account/",
    "password": "/account/password/",
    "background work": "/background/",
    "alerts": lambda site: f"{site.shop}alerts/",
    "new rule": lambda site: f"{site.shop}alerts/rules/new/many_events/",
    "new channel": lambda site: f"{site.shop}alerts/channels/new/webhook/",
    "admin index": "/admin/",
    "admin applications": "/admin/applications/application/",
    "admin application": lambda site: site.shop_in_admin,
    "admin events": "/admin/events/event/",
    "admin monitors": "/admin/monitors/monitor/",
    "admin requests": "/admin/traffic/request/?status=4xx",
    "admin learned places": "/admin/traffic/learnedplace/",
}

MISSING: dict[str, Address] = {
    "address": lambda _site: "/nowhere/",
    "event": lambda site: f"{site.shop}events/01a00000-0000-7000-8000-000000000000/",
    "request": lambda site: f"{site.shop}traffic/requests/01a00000-0000-7000-8000-000000000000/",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible(visit: Visit, site: Site, name: str) -> None:
    address = PAGES[name]
    _look_at(visit, address if isinstance(address, str) else address(site))


def test_the_page_of_an_application_is_accessible(visit: Visit, site: Site, app: App) -> None:
    """With a row of each kind: fifty alike take axe-core as many times as long."""
    _look_at(visit, f"/applications/{app.id}/")  # nothing was sent to it yet
    facts = {"environment": "production", "release": "1.2", "tags": {"country": "pl"}}
    for level in LEVELS:
        site.send(app, {"message": f"Something of {level}", "level": level, **facts})
    request = {"method": "GET", "path": "/a", "duration_ms": 3}
    site.send(app, *({**request, "status": status} for status in (200, 500)), kind="requests")
    _look_at(visit, f"/applications/{app.id}/?range=7d&level={','.join(LEVELS)}&figure=errors")


def test_a_request_with_all_that_belongs_to_it_is_accessible(
    visit: Visit, site: Site, app: App, page: Page
) -> None:
    event_id, trace = "7d444840-9dc0-11d1-b245-5ffdce74fad2", {"trace_id": "4bf92f"}
    told = {"method": "POST", "duration_ms": 20, "user_agent": "curl/8", "user_id": "ann", **trace}
    site.send(app, {"message": "Boom", "level": "ERROR", "event_id": event_id, **trace})
    site.send(app, {"message": "Cart loaded", "level": "INFO", **trace})
    for path in ("/carts/7", "/orders/4711"):
        sent = {"path": path, "status": 500, "event_id": event_id, **told}
        site.send(app, sent, kind="requests")
    newest = site.read(f"/apps/{app.id}/requests?limit=1")["items"][0]["id"]
    address = f"/applications/{app.id}/traffic/requests/{newest}/"
    _look_at(visit, address)
    page.goto(address)
    page.get_by_role("link", name="Boom").click()
    expect(page.get_by_role("heading", name="Requests of this event")).to_be_visible()
    _look_at(visit, page.url)


def test_what_is_unused_is_accessible_and_kept(visit: Visit, site: Site, app: App) -> None:
    settings = f"/applications/{app.id}/settings/"
    site.server.manage("shell", "-v0", "-c", _MARK.format(id=app.id))
    for address in (settings, f"/applications/{app.id}/", "/"):
        _look_at(visit, address)
    page = visit(settings).page
    expect(page.get_by_text("Unused since 2 Mar 2026.")).to_be_visible()
    page.locator("#keys").get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("… is kept.")).to_be_visible()
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("is kept, with its keys.")).to_be_visible()
    expect(page.get_by_text("Unused since")).to_be_hidden()


def test_the_sign_in_is_accessible(visit: Visit) -> None:
    _look_at(visit, "/account/sign-in/", storage_state=NOBODY)


@pytest.mark.parametrize("name", MISSING)
def test_a_page_that_is_not_there_is_accessible(visit: Visit, site: Site, name: str) -> None:
    _look_at(visit, MISSING[name](site), expected=404)


def test_what_opens_over_a_page_is_accessible(page: Page, site: Site) -> None:
    page.goto(f"{site.shop}?range=7d&level=CRITICAL")  # few rows
    for menu in page.locator("details.menu").all():
        menu.locator("summary").click()
        # But for a tab that the menu covers in part.
        assert not [one for one in violations(page) if "partially obscured" not in one]
        page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []


def test_what_opens_over_the_traffic_page_is_accessible(page: Page, site: Site, app: App) -> None:
    requests = [
        {"method": "GET", "path": path, "status": 200, "duration_ms": 1} for path in ("/a", "/b")
    ]
    site.send(app, *requests, kind="requests")
    page.goto(f"/applications/{app.id}/traffic/?range=1h&compare=before")
    page.get_by_role("button", name="Hide /b for good").click()
    page.locator("summary", has_text="Views").click()
    page.get_by_label("Save the page as it is").fill("Now")
    page.get_by_role("button", name="Save view").click()
    for menu in page.locator("main details.menu").all():
        menu.locator("summary").click()
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            # But for the tiles that the menu covers in part.
            assert not [one for one in violations(page) if 'class="tile"' not in one]
        page.keyboard.press("Escape")


def test_what_settings_ask_and_answer_is_accessible(page: Page, site: Site) -> None:
    page.goto(f"{site.shop}settings/")
    page.get_by_label("Keep events for").fill("2")
    page.get_by_role("button", name="Preview what goes").first.click()
    expect(page.get_by_role("button", name="Save, and delete")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Delete demo-shop").click()
    page.get_by_text("New key", exact=True).click()
    page.get_by_role("button", name="Create key").click()
    expect(page.locator(".secret")).to_be_visible()
    assert violations(page) == []


def test_the_description_of_the_rest_api_asks_nobody_else(page: Page) -> None:
    """It is another project's page: it runs under our policy, and that is all that is asked."""
    page.goto("/docs/")
    expect(page.get_by_role("heading", name="Log Handler")).to_be_visible()


def _look_at(visit: Visit, address: str, *, expected: int = 200, **options: object) -> None:
    visitor = visit(**options)
    visitor.expect_answers(expected)
    page = visitor.page
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == expected
    page.locator("main details:not(.menu)").evaluate_all(UNFOLD)
    found: dict[str, list[str]] = {}
    for width in (1280, 390, 320):
        if not fits(page, width):
            found[f"{width} pixels wide"] = ["scrolls sideways"]
        if width == 320:
            continue
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            if broken := violations(page, only_colours=theme == "dark"):
                found.setdefault(f"{width} pixels wide, {theme}", []).extend(broken)
    lines = [f"{where}: {what}" for where, several in found.items() for what in several]
    assert not lines, "\n".join(lines)
