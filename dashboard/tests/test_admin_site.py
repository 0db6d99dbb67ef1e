"""The admin as a part of the product: who gets in, how one signs in and out, how its pages look."""

import re

import pytest
from django.test import Client

from applications import keys, tokens
from applications.factories import create_application, create_user
from applications.models import Key
from ingest import pipeline
from ingest.factories import create_batch, create_record, create_requests
from traffic.factories import create_request_record
from traffic.models import Request

pytestmark = pytest.mark.django_db

INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*(?: src=|application/json))")


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(create_user("operator", is_staff=True, is_superuser=True))
    return client


def test_who_is_signed_out_signs_in_where_all_do_and_comes_back(client: Client) -> None:
    create_user("operator", password="a good one", is_staff=True)
    answer = client.get("/admin/auth/user/", follow=True)
    asked = "/admin/login/?next=/admin/auth/user/"
    sign_in = "/account/sign-in/?next=/admin/auth/user/"
    assert answer.redirect_chain == [(asked, 302), (sign_in, 302)]
    form = {"username": "operator", "password": "a good one", "next": "/admin/auth/user/"}
    assert client.post(sign_in, form)["Location"] == "/admin/auth/user/"


def test_the_way_to_the_admin_without_a_page_leads_to_its_index(client: Client) -> None:
    assert client.get("/admin/login/")["Location"] == "/account/sign-in/?next=/admin/"


def test_who_is_signed_in_needs_no_sign_in_page(admin: Client) -> None:
    assert admin.get("/admin/login/")["Location"] == "/admin/"


def test_who_is_no_staff_is_refused_and_not_sent_in_circles(client: Client) -> None:
    client.force_login(create_user())
    answer = client.get("/admin/", follow=True)
    assert answer.status_code == 403
    assert answer.redirect_chain == [("/admin/login/?next=/admin/", 302)]


def test_signing_out_of_the_admin_leads_to_the_sign_in_page(admin: Client) -> None:
    assert admin.post("/admin/logout/")["Location"] == "/account/sign-in/"
    assert admin.get("/")["Location"].startswith("/account/sign-in/")


def test_the_password_is_changed_where_all_change_theirs(admin: Client) -> None:
    assert admin.get("/admin/password_change/")["Location"] == "/account/password/"


def test_the_header_leads_to_the_dashboard_and_the_account(admin: Client) -> None:
    header = admin.get("/admin/").content.decode().split("</header>")[0]
    for address in ("/", "/admin/", "/account/", "/docs/"):
        assert f'href="{address}"' in header
    assert "dashboard/mark.svg" in header
    assert "<title>Administration · Log Handler</title>" in header


@pytest.mark.parametrize("theme", ["system", "light", "dark"])
def test_the_admin_has_the_theme_of_the_dashboard(admin: Client, theme: str) -> None:
    admin.cookies["theme"] = theme
    page = admin.get("/admin/").content.decode()
    assert re.search(rf'<body class="[^"]*\btheme-{theme}\b', page)
    assert "theme.js" not in page


def test_no_page_of_the_admin_holds_a_script_or_a_style(admin: Client) -> None:
    application = create_application("shop")
    key = keys.issue(application, Key.INGEST).key
    user = create_user()
    token = tokens.issue(user).token
    stored = pipeline.accept(application.pk, create_batch(create_record())).accepted[0]
    pipeline.accept(application.pk, create_requests(create_request_record("/a")))
    for path in (
        "",
        "applications/",
        "applications/application/",
        "applications/application/add/",
        f"applications/application/{application.pk}/change/",
        f"applications/application/{application.pk}/delete/",
        f"applications/application/{application.pk}/history/",
        "applications/key/",
        "applications/key/add/",
        f"applications/key/{key.pk}/change/",
        f"applications/key/{key.pk}/delete/",
        "ingest/refusalcount/",
        "events/event/",
        f"events/event/{stored.id}/change/",
        "traffic/request/",
        f"traffic/request/{Request.objects.get().pk}/change/",
        "traffic/learnedplace/",
        "traffic/wanteddeletion/",
        "auth/user/",
        "auth/user/add/",
        f"auth/user/{user.pk}/change/",
        f"auth/user/{user.pk}/password/",
        "auth/group/add/",
        "knox/authtoken/",
        f"knox/authtoken/{token.pk}/change/",
    ):
        answer = admin.get(f"/admin/{path}")
        assert (path, answer.status_code) == (path, 200)
        assert (path, INLINE.findall(answer.content.decode())) == (path, [])
