"""What people see where something went wrong: calm, in the same look, without needing anything."""

import pytest
from django.test import Client, RequestFactory

from applications.factories import create_application, create_user
from loghandler import error_pages


def test_an_unknown_address(client: Client) -> None:
    answer = client.get("/nothing/<b>here")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "There is nothing at this address" in page
    assert "<b>" not in page
    assert page.count("<h1>") == 1
    assert "dashboard/base.css" in page


def test_the_theme_of_the_viewer_holds_on_them(client: Client) -> None:
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in client.get("/nothing/").content.decode()


@pytest.mark.django_db
def test_what_a_person_may_not_do_is_said(client: Client) -> None:
    client.force_login(create_user())
    answer = client.get("/applications/new/")
    assert answer.status_code == 403
    assert "Only staff create applications here" in answer.content.decode()


@pytest.mark.django_db
def test_another_persons_application_looks_like_none(client: Client) -> None:
    shop = create_application("shop")
    client.force_login(create_user())
    theirs = client.get(f"/applications/{shop.pk}/setup/")
    none = client.get("/applications/999999/setup/")
    assert (theirs.status_code, none.status_code) == (404, 404)
    assert theirs.content == none.content


def test_a_foreign_host_name(client: Client) -> None:
    answer = client.get("/", headers={"host": "elsewhere.example"})
    assert answer.status_code == 400
    assert "LOGHANDLER_ALLOWED_HOSTS" in answer.content.decode()


def test_a_failure_is_told_without_the_database() -> None:
    answer = error_pages.server_error(RequestFactory().get("/"))
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "Something failed here" in page
    assert "dashboard/base.css" in page


def test_the_rest_api_keeps_its_own(client: Client) -> None:
    assert client.get("/apps/x/y/z").json() == {
        "errors": {"detail": ["There is nothing at this path."]}
    }
