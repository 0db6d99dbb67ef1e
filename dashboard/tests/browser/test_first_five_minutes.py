"""From the sign-in of a new installation to its first event, past what goes wrong on the way."""

import re
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.tests.browser.accessibility import violations
from dashboard.tests.browser.browsing import (
    NOBODY,
    PASSWORD,
    Site,
    Visitor,
    fits,
    sign_in,
    visiting,
)
from ingest.tests.serving import served

# Milliseconds: the two seconds that the setup page promises, and one for a busy machine.
SOON = 2_000 + 1_000
LARGEST_BODY = 50_000


@pytest.fixture(scope="module")
def new_site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation that nobody has used yet."""
    with served(
        tmp_path_factory.mktemp("new"),
        LOGHANDLER_ADMIN_PASSWORD=PASSWORD,
        LOGHANDLER_API_ACCESS="open",
        LOGHANDLER_MAX_BODY_BYTES=str(LARGEST_BODY),
        LOGHANDLER_MAX_EVENT_BYTES=str(LARGEST_BODY),
    ) as server:
        yield Site(server)


@pytest.fixture
def visitor(browser: Browser, new_site: Site) -> Iterator[Visitor]:
    allowed = ["clipboard-read", "clipboard-write"]
    with visiting(browser, new_site, storage_state=NOBODY, permissions=allowed) as visitor:
        yield visitor
        visitor.is_content()


def test_from_the_sign_in_to_the_first_event(visitor: Visitor, new_site: Site) -> None:
    page = visitor.page
    sign_in(page, password="not this one")
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    sign_in(page)
    expect(page).to_have_url("/")
    expect(page.get_by_role("link", name="Send the first event")).to_be_visible()
    assert violations(page) == []

    page.get_by_role("link", name="New application").click()
    page.get_by_label("Name").fill("checkout")
    page.get_by_role("button", name="Create application").click()
    key = page.locator(".secret code").inner_text()
    assert re.fullmatch("[0-9a-f]{32}", key)
    expect(page.get_by_text("Waiting for the first event or request")).to_be_visible()
    assert violations(page) == []

    command = _shown_command(page)
    assert key in command
    assert f"{new_site.address}/apps/" in command
    _is_refused_where_one_looks(page, command, key)

    _run(command)
    expect(page.locator("#arrival")).to_contain_text("It works", timeout=SOON)
    page.reload()
    expect(page.locator("body")).not_to_contain_text(key)

    page.locator("#arrival").get_by_role("link", name="It works").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("It works")
    page.get_by_role("button", name="Copy as Markdown").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert "It works" in page.evaluate("navigator.clipboard.readText()")


def test_the_pages_of_a_new_installation_fit_small_screens(visitor: Visitor) -> None:
    page = visitor.page
    sign_in(page)
    expect(page).to_have_url("/")
    for path in ("/", "/applications/new/"):
        page.goto(path)
        for width in (390, 320):
            assert fits(page, width), f"{path} at {width}"


def test_without_any_application_the_overview_says_how_to_begin(
    visitor: Visitor, new_site: Site
) -> None:
    for application in new_site.read("/apps")["items"]:
        new_site.server.manage("delete_application", application["name"], "--yes")
    sign_in(visitor.page)
    main = visitor.page.get_by_role("main")
    expect(main.get_by_role("link", name="Create an application")).to_be_visible()
    expect(main.get_by_role("button", name="Load demo data")).to_be_visible()
    assert violations(visitor.page) == []


def _is_refused_where_one_looks(page: Page, command: str, key: str) -> None:
    """Each reason appears by itself, while the page waits for the first event."""
    refusals, waiting = page.locator("#refusals"), page.locator("#arrival")
    _run(command.replace(key, "0" * 32))
    expect(refusals).to_contain_text("key", timeout=SOON)
    expect(waiting).to_contain_text("Refused, 401")
    _run(command.replace('"message"', '"massage"'))
    expect(refusals).to_contain_text("message: This field is required.", timeout=SOON)
    _run(command.replace("It works", "x" * (LARGEST_BODY + 1)))
    expect(refusals).to_contain_text("50,000", timeout=SOON)


def _shown_command(page: Page) -> str:
    page.get_by_role("group", name="Send events from").get_by_text("curl", exact=True).click()
    command = page.get_by_role("region", name="curl, part 1").inner_text()
    assert command.startswith("curl ")
    return command


def _run(command: str) -> None:
    """As somebody who pastes it into a terminal."""
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
