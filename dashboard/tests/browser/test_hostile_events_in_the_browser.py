"""Whatever an event brings is text: no script of it runs, and no page grows beyond its screen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from dashboard.tests.browser.browsing import Site, Visitor, fits
from dashboard.tests.browser.conftest import Visit
from ingest.tests.serving import App

RUN = "window.hostile=1;alert(1)"
SCRIPT = f"<script>{RUN}</script>"
BREAK_OUT = f"""'"></script></style></textarea><img src=x onerror="{RUN}"><svg onload="{RUN}">"""
TURNED = "user\u202egnp.exe\u2066\u200f"
WORD = "Wort" * 2_000
FAMILY = "👩‍👩‍👧‍👦" * 400
ZALGO = "e" + "\u0301\u0302\u0303\u0330" * 200
NULLS = "nul\u0000l \ud800 \u0007\u001b[31m"
TEXTS = {
    "script": SCRIPT,
    "break out": BREAK_OUT,
    "template": "{{ 7*7 }} {% include 'x' %} ${7*7}",
    "right to left": TURNED,
    "long word": WORD,
    "emoji": FAMILY,
    "marks": ZALGO,
    "nulls": NULLS,
    "long": "A megabyte of text. " * 52_000,
    "lines": "line\n" * 5_000,
    "address": f"javascript:{RUN}",
}
DEEP: dict[str, object] = {}
for _ in range(150):
    DEEP = {"deeper": DEEP}


def hostile_event(text: str) -> dict[str, object]:
    """An event that says so in each of its fields."""
    short = text[:150]
    frame = {
        "filename": text[:5_000],
        "function": text[:5_000],
        "lineno": 7,
        "context_line": text[:5_000],
        "vars": {short: text[:5_000]},
        "in_app": True,
    }
    return {
        "message": text,
        "level": "ERROR",
        "environment": short,
        "release": short,
        "server_name": short,
        "logger": short,
        "trace_id": short,
        "user": {"id": short, short: text[:5_000]},
        "tags": {short[:60] or "tag": short},
        "stack": {"exceptions": [{"type": short, "value": text[:5_000], "frames": [frame] * 3}]},
        "surplus": {short: text[:5_000], "deep": DEEP},
    }


@pytest.fixture(scope="module")
def hostile(site: Site) -> App:
    app = site.new_application("hostile")
    for text in TEXTS.values():
        site.send(app, hostile_event(text))
    site.send(app, {"message": "A trace", "stack": SCRIPT + BREAK_OUT + WORD})
    return app


@pytest.fixture
def visitor(visit: Visit) -> Iterator[Visitor]:
    visitor = visit()
    yield visitor
    assert not visitor.page.evaluate("'hostile' in window")


def _is_only_text(visitor: Visitor, path: str) -> None:
    page = visitor.page
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200, path
    page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    for width in (320, 1280):
        assert fits(page, width), f"{path} at {width}"
    assert not page.evaluate("'hostile' in window")
    assert page.locator("img[src='x'], svg[onload], main script:not([type], [src])").count() == 0
    visitor.is_content()


def test_on_the_pages_of_many(visitor: Visitor, hostile: App) -> None:
    one = f"/applications/{hostile.id}/"
    for path in ("/", one, f"{one}?level=ERROR&q=<script>", f"{one}setup/"):
        _is_only_text(visitor, path)


def test_on_the_pages_of_one_message(visitor: Visitor, hostile: App) -> None:
    visitor.page.goto(f"/applications/{hostile.id}/")
    links = visitor.page.locator("#messages [data-row]").all()
    assert len(links) >= 5
    for address in [link.get_attribute("href") or "" for link in links]:
        _is_only_text(visitor, f"/applications/{hostile.id}/{address}")


def test_on_the_pages_of_one_event(visitor: Visitor, site: Site, hostile: App) -> None:
    events = site.read(f"/apps/{hostile.id}/events?limit=50")["items"]
    assert len(events) == len(TEXTS) + 1
    for event in events:
        _is_only_text(visitor, f"/applications/{hostile.id}/events/{event['id']}/")


def test_in_the_admin(visitor: Visitor, site: Site, hostile: App) -> None:
    events = site.read(f"/apps/{hostile.id}/events?limit=50")["items"]
    paths = [
        "/admin/",
        f"/admin/applications/application/{hostile.id}/change/",
        "/admin/events/event/",
        *(f"/admin/events/event/{event['id']}/change/" for event in events),
    ]
    for path in paths:
        _is_only_text(visitor, path)


def test_a_script_stands_there_as_it_was_sent(page: Page, site: Site, hostile: App) -> None:
    page.goto(f"/applications/{hostile.id}/")
    page.locator("#list").get_by_text(SCRIPT).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(SCRIPT)
