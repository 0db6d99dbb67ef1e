"""Takes the pictures of the README: `make screenshots`.

They show demo data of a new installation, which is made for them and thrown away.
"""

import logging
import socket
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, ViewportSize

from dashboard.tests.browser.browsing import PASSWORD, browsing, chromium, fade, sign_in
from loghandler.tests.running import ROOT, running

FOLDER = ROOT / "docs" / "screenshots"
WIDE: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 390, "height": 800}
USUAL_PORT = 8000  # the one in the documentation
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

logger = logging.getLogger(__name__)


def take(folder: Path) -> None:
    """Write all pictures into the folder."""
    executable = chromium()
    if executable is None:
        sys.exit("There is no chromium on this machine (Debian and Ubuntu: apt install chromium).")
    with (
        tempfile.TemporaryDirectory(prefix="loghandler-screenshots-") as made,
        running(
            Path(made, "data"), port=_usual_port(), LOGHANDLER_ADMIN_PASSWORD=PASSWORD
        ) as instance,
        browsing(executable) as browser,
    ):
        page = browser.new_page(
            base_url=f"http://127.0.0.1:{instance.port}",
            viewport=WIDE,
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="UTC",
        )
        sign_in(page)
        page.get_by_role("button", name="Load demo data").click()
        page.get_by_text("The demo is loaded").wait_for()
        _take_pages(page, folder)


def _take_pages(page: Page, folder: Path) -> None:
    page.goto("/")
    _pictures(page, folder / "overview")
    page.get_by_role("link", name="demo-shop").first.click()
    application = page.url
    _pictures(page, folder / "application")
    page.set_viewport_size(NARROW)
    page.reload()
    _pictures(page, folder / "application-narrow")
    page.set_viewport_size(WIDE)
    page.goto(f"{application}traffic/?range=7d")
    _pictures(page, folder / "traffic")
    page.goto(f"{application}monitors/")
    page.get_by_role("link", name="Shop API").click()
    _pictures(page, folder / "monitor")
    page.goto(application + _error_of(page, application))
    _pictures(page, folder / "event")
    page.goto("/admin/?range=7d")
    _pictures(page, folder / "admin")
    page.goto("/applications/new/")
    page.get_by_label("Name").fill("billing")
    page.get_by_role("button", name="Create application").click()
    page.get_by_text("Waiting for the first event or request").wait_for()
    _pictures(page, folder / "setup")


def _error_of(page: Page, application: str) -> str:
    """Where the newest error with a stack is, on from its application."""
    number = application.rstrip("/").rpartition("/")[2]
    answer = page.request.get(f"/apps/{number}/events?level=ERROR&limit=50").json()
    found = next(event["id"] for event in answer["items"] if event["stack"])
    return f"events/{found}/"


def _pictures(page: Page, name: Path) -> None:
    """The page in each theme."""
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        for figure in page.locator("figure[data-chart]").all():
            figure.and_(page.locator("[data-drawn]")).wait_for()
        fade(page)
        path = name.with_name(f"{name.name}-{theme}.png")
        page.screenshot(path=path)
        logger.info("%s: %d KB", path.name, path.stat().st_size // 1_000)


def _usual_port() -> int | None:
    """The port that readers know, if it is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", USUAL_PORT))
        except OSError:
            return None
    return USUAL_PORT


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    FOLDER.mkdir(exist_ok=True)
    take(FOLDER)
