"""What a page costs whoever opens it for the first time."""

from typing import Any

import pytest

from dashboard.tests.browser.browsing import Site
from dashboard.tests.browser.conftest import Visit

MOST_BYTES = 150_000


@pytest.mark.parametrize(
    "path",
    ["?range=7d", "?range=24h", "traffic/?range=7d", "monitors/", "setup/", "settings/"],
)
def test_a_cold_page_weighs_little(visit: Visit, site: Site, path: str) -> None:
    """With headers, styles, scripts and the chart, as they come over the wire."""
    page = visit(alone=True).page  # with nothing in its cache
    arrived: list[float] = []

    def note(finished: dict[str, Any]) -> None:
        arrived.append(finished["encodedDataLength"])

    network = page.context.new_cdp_session(page)
    network.on("Network.loadingFinished", note)
    network.send("Network.enable")
    page.goto(site.shop + path)
    page.wait_for_load_state("networkidle")
    assert len(arrived) > 5
    assert sum(arrived) < MOST_BYTES, sorted(arrived)
