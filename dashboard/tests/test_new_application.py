"""A new application, made on a page: it has its maker as admin, and its key is shown once."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from applications.authentication import working_key
from applications.factories import create_application, create_member, create_user
from applications.models import Application, Key, Membership
from dashboard.overview_forms import NewApplicationForm

pytestmark = pytest.mark.django_db

NEW = "/applications/new/"


@pytest.fixture
def staff(client: Client) -> User:
    user = create_user(is_staff=True)
    client.force_login(user)
    return user


def refused(client: Client, **fields: str) -> str:
    """The page that says why nothing was made."""
    before = Application.objects.count()
    answer = client.post(NEW, fields)
    assert answer.status_code == 200
    assert Application.objects.count() == before
    return answer.content.decode()


def test_an_application_is_made_with_its_maker_as_admin(client: Client, staff: User) -> None:
    fields = {"name": "shop", "description": "What we sell", "retention_days": "7"}
    answer = client.post(NEW, fields)
    application = Application.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/applications/{application.pk}/setup/"
    assert (application.description, application.retention_days) == ("What we sell", 7)
    assert not application.demo
    assert application.memberships.get().user == staff
    assert application.memberships.get().role == Membership.ADMIN


def test_its_key_works_and_is_shown_once(client: Client, staff: User) -> None:
    page = client.post(NEW, {"name": "shop"}, follow=True).content.decode()
    application = Application.objects.get()
    (secret,) = re.findall(r'<code id="secret-[0-9a-f]{8}">([0-9a-f]{32})</code>', page)
    assert working_key(secret, Key.INGEST).application_id == application.pk
    assert secret not in str(dict(client.session))
    assert secret not in client.get(f"/applications/{application.pk}/setup/").content.decode()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "This field is required."),
        ("My Shop", "Use lower-case letters, digits"),
        ("<script>alert(1)</script>", "Use lower-case letters, digits"),
        ("a" * 65, "at most 64 characters"),
        ("a\0b", "Null characters are not allowed."),
    ],
)
def test_a_name_that_can_not_be_used_is_told_beside_it(
    client: Client, staff: User, name: str, reason: str
) -> None:
    page = refused(client, name=name)
    (errors,) = re.findall(r'<ul class="errorlist" id="id_name_error">(.*?)</ul>', page)
    assert reason in errors
    assert 'aria-describedby="id_name_helptext id_name_error"' in page
    assert "<script>alert" not in page


def test_a_taken_name_is_told_beside_it(client: Client, staff: User) -> None:
    create_application("shop")
    assert "An application of this name exists already." in refused(client, name="shop")


def test_a_name_that_is_taken_at_the_last_moment_is_told_too(
    client: Client, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_application("shop")
    monkeypatch.setattr(NewApplicationForm, "validate_unique", lambda form: None)  # a moment ago
    assert "An application of this name exists already." in refused(client, name="shop")


@pytest.mark.parametrize("days", ["0", "-1", "x", "99999999999"])
def test_days_that_can_not_be_are_told(client: Client, staff: User, days: str) -> None:
    assert 'id="id_retention_days_error"' in refused(client, name="shop", retention_days=days)


def test_the_form_says_how_long_events_are_kept_at_most(
    client: Client, staff: User, settings: Any
) -> None:
    settings.RETENTION_DAYS = 31
    assert "the installation’s 31 days" in client.get(NEW).content.decode()


def test_only_staff_create_applications(client: Client) -> None:
    assert client.get(NEW)["Location"] == f"/account/sign-in/?next={NEW}"
    client.force_login(create_member(create_application("shop"), Membership.ADMIN))
    assert client.get(NEW).status_code == 403
    assert client.post(NEW, {"name": "search"}).status_code == 403
    assert Application.objects.count() == 1
