"""Who is signed out is asked to sign in, and comes to where they wanted to."""

from playwright.sync_api import expect

from dashboard.tests.browser.browsing import NOBODY, PASSWORD, sign_in
from dashboard.tests.browser.conftest import Visit


def test_a_wrong_password_says_so_and_the_right_one_opens_the_overview(visit: Visit) -> None:
    page = visit(storage_state=NOBODY).page
    sign_in(page, password="not this one")
    expect(page.get_by_role("alert")).to_contain_text("username or the password is wrong")
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Applications")


def test_after_the_sign_in_is_what_was_asked_for(visit: Visit) -> None:
    page = visit("/account/", storage_state=NOBODY).page
    expect(page).to_have_url("/account/sign-in/?next=/account/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url("/account/")
