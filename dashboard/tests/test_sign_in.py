from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from applications.factories import create_application, create_user

pytestmark = pytest.mark.django_db

PATH = "/account/sign-in/"
RIGHT = {"username": "alice", "password": "secret of alice"}


@pytest.fixture
def alice() -> User:
    return create_user("alice", password="secret of alice")


@pytest.mark.usefixtures("alice")
def test_signing_in_leads_to_the_overview(client: Client) -> None:
    answer = client.post(PATH, RIGHT)
    assert answer["Location"] == "/"
    assert client.get("/").status_code == 200


@pytest.mark.usefixtures("alice")
def test_signing_in_leads_to_the_page_that_asked_for_it(client: Client) -> None:
    asked = client.get("/account/")
    assert asked["Location"] == f"{PATH}?next=/account/"
    page = client.get(asked["Location"]).content.decode()
    assert '<input type="hidden" name="next" value="/account/">' in page
    assert client.post(PATH, {**RIGHT, "next": "/account/"})["Location"] == "/account/"


@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize(
    "next_page", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil"]
)
def test_signing_in_never_leads_elsewhere(client: Client, next_page: str) -> None:
    assert client.post(PATH, {**RIGHT, "next": next_page})["Location"] == "/"


@pytest.mark.parametrize(
    "wrong", [{"password": "guess"}, {"username": "ghost"}, {"username": "retired"}]
)
@pytest.mark.usefixtures("alice")
def test_what_is_wrong_is_not_told(client: Client, wrong: dict[str, str]) -> None:
    create_user("retired", password="secret of alice", is_active=False)
    answer = client.post(PATH, {**RIGHT, **wrong})
    page = answer.content.decode()
    assert "The username or the password is wrong." in page
    assert "secret of alice" not in page
    assert "_auth_user_id" not in client.session


@pytest.mark.usefixtures("alice")
def test_who_is_signed_in_is_led_on(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.get(PATH)["Location"] == "/"
    assert client.get(f"{PATH}?next=/account/")["Location"] == "/account/"


def test_the_form_helps_password_managers_and_the_keyboard(client: Client) -> None:
    page = client.get(PATH).content.decode()
    for attribute in ('autocomplete="username"', 'autocomplete="current-password"', "autofocus"):
        assert attribute in page
    assert '<label for="id_username">Username</label>' in page


def test_the_first_start_is_told_until_somebody_has_signed_in(
    client: Client, alice: User, settings: Any
) -> None:
    hint = "printed the password of"
    assert hint in client.get(PATH).content.decode()
    settings.ADMIN_PASSWORD = "given"
    assert hint not in client.get(PATH).content.decode()
    settings.ADMIN_PASSWORD = ""
    User.objects.filter(pk=alice.pk).update(last_login=timezone.now())
    assert hint not in client.get(PATH).content.decode()


def test_signing_out_is_a_button_not_a_link(client: Client, alice: User) -> None:
    application = create_application()
    client.force_login(alice)
    assert client.get("/account/sign-out/").status_code == 405
    assert client.post("/account/sign-out/")["Location"] == PATH
    answer = client.get(f"/applications/{application.pk}/")
    assert answer["Location"] == f"{PATH}?next=/applications/{application.pk}/"


def test_guessing_needs_the_token_of_the_page(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(PATH, RIGHT).status_code == 403
    assert alice.last_login is None
