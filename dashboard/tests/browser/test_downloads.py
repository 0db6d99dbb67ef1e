"""The list of events as a file, as it arrives through a real server, compressed."""

import csv
import json
from pathlib import Path

import pytest
from playwright.sync_api import Page

from dashboard.tests.browser.browsing import Site


@pytest.mark.parametrize("kind", ["CSV", "NDJSON, with stacks"])
def test_the_list_is_downloaded_with_its_filters(page: Page, site: Site, kind: str) -> None:
    page.goto(f"{site.shop}?range=7d&level=ERROR")
    [errors] = page.locator(".tile", has_text="Errors").locator(".tile-figure").all()
    page.get_by_text("Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name=f"as {kind}", exact=False).click()
    told = _events(Path(download.value.path()), download.value.suggested_filename)
    assert f"{len(told):,}" == errors.get_attribute("title")
    assert {event["level"] for event in told} == {"ERROR"}


def _events(file: Path, name: str) -> list[dict[str, str]]:
    text = file.read_text("utf-8-sig")
    if name == "demo-shop.csv":
        return list(csv.DictReader(text.splitlines(keepends=True)))
    assert name == "demo-shop.ndjson"
    return [json.loads(line) for line in text.splitlines()]
