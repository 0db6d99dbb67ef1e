"""A rule is made in the browser: what it would have told is shown while it is filled in."""

from playwright.sync_api import expect

from dashboard.tests.browser.browsing import Site, fits
from dashboard.tests.browser.conftest import Visit
from ingest.tests.serving import App


def test_a_rule_shows_what_it_would_have_told(visit: Visit, site: Site, app: App) -> None:
    for number in range(3):
        site.send(
            app, {"level": "ERROR", "message": f"Payment {'refused' if number else 'failed'}"}
        )
    alerts = f"/applications/{app.id}/alerts/"
    page = visit(alerts).page
    page.get_by_role("link", name="A new message").click()
    expect(page.get_by_role("heading", name="2 alerts in the last seven days")).to_be_visible()
    page.get_by_label("Message contains").fill("refused")
    expect(page.get_by_role("heading", name="1 alert in the last seven days")).to_be_visible()
    page.get_by_label("Name").fill("Refused payments")
    page.get_by_role("button", name="Save rule").click()
    expect(page.get_by_text("The rule Refused payments is saved.")).to_be_visible()
    expect(page.get_by_text("with “refused” is seen for the first time")).to_be_visible()


def test_channels_of_long_names_fit_a_small_screen(visit: Visit, app: App) -> None:
    alerts = f"/applications/{app.id}/alerts/"
    page = visit(f"{alerts}channels/new/email/").page
    page.get_by_label("Name").fill("C" * 100)
    page.get_by_label("To").fill("ann@example.com")
    page.get_by_role("button", name="Save channel").click()
    page.goto(f"{alerts}rules/new/no_event/")
    page.get_by_label("C" * 100).check()
    page.get_by_role("button", name="Save rule").click()
    expect(page.locator(".rule-row .pill")).to_be_visible()
    assert fits(page, 390)
