"""Keys are rotated and revoked in the settings, and senders notice what they should."""

from contextlib import closing

from playwright.sync_api import Page, expect

from dashboard.tests.browser.browsing import Site
from ingest.tests.serving import App


def _status(site: Site, app: App, key: str) -> int:
    with closing(site.server.http()) as http:
        return app._replace(key=key).send(http, {"message": "With a key"}).status


def test_a_rotated_key_works_until_it_is_revoked(site: Site, app: App, page: Page) -> None:
    page.goto(f"/applications/{app.id}/settings/")
    page.get_by_text("Rotate keys", exact=True).click()
    page.get_by_label("Old keys work for").fill("1h")
    page.get_by_role("button", name="Rotate").click()
    new_key = page.locator(".secret code").inner_text()
    assert new_key != app.key
    assert _status(site, app, app.key) == 201
    assert _status(site, app, new_key) == 201

    page.reload()
    expect(page.locator("body")).not_to_contain_text(new_key)
    keys = page.locator("#keys")
    expect(keys).to_contain_text(app.key[:8])
    keys.get_by_text(f"Revoke {app.key[:8]}").click()
    keys.get_by_role("button", name="Revoke this key").filter(visible=True).click()
    expect(page.get_by_role("status")).to_contain_text("has ended")
    assert _status(site, app, app.key) == 401
    assert _status(site, app, new_key) == 201
