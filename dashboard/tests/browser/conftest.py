"""One browser and one server, with demo data, for all tests of this folder."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from dashboard.country_names import NAMES
from dashboard.tests.browser.browsing import (
    PASSWORD,
    WIDTH,
    Site,
    Visitor,
    browsing,
    chromium,
    sign_in,
    visiting,
)
from ingest.tests.serving import App, served
from traffic.tests import country_database

_numbers = count(1)

# Where the users of the demo are.
NETWORKS = {
    f"{number}.0.0.0/8": {"country_code": code}
    for number, code in enumerate(sorted(NAMES)[:223], 1)
    if number not in (10, 127)
}

Visit = Callable[..., Visitor]


# Not of the session: while playwright runs, Django refuses the ORM in this thread.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    executable = chromium()
    if executable is None:
        required = os.environ.get("CI") or os.environ.get("LOGHANDLER_REQUIRE_BROWSER")
        reason = "There is no chromium on this machine (Debian and Ubuntu: apt install chromium)."
        (pytest.fail if required else pytest.skip)(reason)
    with browsing(executable) as started:
        yield started


@pytest.fixture(scope="package")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("browsed")
    country_database.write(folder / "countries.mmdb", NETWORKS)
    with served(
        folder,
        LOGHANDLER_GEOIP=str(folder / "countries.mmdb"),
        LOGHANDLER_ADMIN_PASSWORD=PASSWORD,
        LOGHANDLER_API_ACCESS="open",
        LOGHANDLER_KEY_CACHE_SECONDS="0",
    ) as server:
        server.manage("load_demo")
        site = Site(server)
        with visiting(browser, site) as visitor:
            sign_in(visitor.page)
            visitor.page.wait_for_url("/")
            yield Site(server, visitor.page.context.storage_state())


@pytest.fixture(scope="package")
def regular(browser: Browser, site: Site) -> Iterator[Visitor]:
    """Whose browser profile the tests share that need no other."""
    with visiting(browser, site) as visitor:
        yield visitor


@pytest.fixture
def visit(browser: Browser, site: Site, regular: Visitor) -> Iterator[Visit]:
    """Opens pages; at the end nothing must have gone wrong in any of them.

    With options of playwright's `new_context`, or `alone`, in a browser profile of its own.
    """
    with ExitStack() as stack:
        visitors: list[Visitor] = []

        def visit(
            path: str | None = None, *, width: int = WIDTH, alone: bool = False, **options: Any
        ) -> Visitor:
            own = alone or options
            opened = (
                visiting(browser, site, width=width, **options) if own else regular.again(width)
            )
            visitors.append(stack.enter_context(opened))
            if path is not None:
                visitors[-1].page.goto(path)
            return visitors[-1]

        yield visit
        for visitor in visitors:
            visitor.is_content()


@pytest.fixture
def page(visit: Visit) -> Page:
    """The page of somebody who is signed in."""
    return visit().page


@pytest.fixture
def app(site: Site) -> App:
    """A new application without events."""
    return site.new_application(f"browsed-{next(_numbers)}")
