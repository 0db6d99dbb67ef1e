import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from applications import tokens
from applications.factories import create_user

pytestmark = pytest.mark.django_db

NEW = {"new_password1": "correct horse battery", "new_password2": "correct horse battery"}


@pytest.fixture
def user() -> User:
    return create_user("alice", password="secret of before")


@pytest.fixture
def client(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def page(client: Client) -> str:
    return client.get("/account/").content.decode()


def shown(html: str) -> list[str]:
    return re.findall(r"<code[^>]*>([0-9a-f]{64})</code>", html)


@pytest.mark.parametrize(
    "path", ["", "preferences/", "email/", "password/", "tokens/", "tokens/revoke/"]
)
def test_accounts_are_for_those_who_are_signed_in(path: str) -> None:
    answer = Client().post(f"/account/{path}")
    assert answer.status_code == 302
    assert answer["Location"] == f"/account/sign-in/?next=/account/{path}"


def test_the_page_says_who_is_signed_in(client: Client, user: User) -> None:
    assert "Signed in as <strong>alice</strong>." in page(client)
    user.is_staff = True
    user.save()
    assert "is staff and sees every application" in page(client)


def test_the_address_for_mail_is_ones_own(client: Client, user: User) -> None:
    other = create_user("bob", email="bob@example.com")
    assert client.get("/account/email/")["Location"] == "/account/#top"
    client.post("/account/email/", {"email": "alice@example.com", "is_staff": "on"})
    html = page(client)
    assert "Your address is saved." in html
    assert 'value="alice@example.com"' in html
    user.refresh_from_db()
    other.refresh_from_db()
    assert (user.email, user.is_staff) == ("alice@example.com", False)
    assert other.email == "bob@example.com"
    client.post("/account/email/", {"email": ""})
    user.refresh_from_db()
    assert user.email == ""


def test_what_is_no_address_is_told_beside_the_field(client: Client, user: User) -> None:
    html = client.post("/account/email/", {"email": "alice"}).content.decode()
    assert "Enter a valid email address." in html
    user.refresh_from_db()
    assert user.email == ""


def test_a_new_password_keeps_this_session_and_ends_others(client: Client, user: User) -> None:
    other = Client()
    other.force_login(user)
    session = client.session.session_key
    form = {"old_password": "secret of before", **NEW}
    assert client.post("/account/password/", form)["Location"] == "/account/"
    assert "Your password is changed" in page(client)
    assert client.session.session_key != session
    assert other.get("/account/").status_code == 302
    user.refresh_from_db()
    assert user.check_password("correct horse battery")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"old_password": "guess"}, "old password was entered incorrectly"),
        ({"new_password2": "another"}, "didn’t match"),
        ({"new_password1": "password", "new_password2": "password"}, "too common"),
        ({"new_password1": "short", "new_password2": "short"}, "too short"),
    ],
)
def test_a_password_that_can_not_be_is_told_beside_the_field(
    client: Client, user: User, wrong: dict[str, str], sentence: str
) -> None:
    answer = client.post("/account/password/", {"old_password": "secret of before", **NEW, **wrong})
    assert sentence in answer.content.decode()
    user.refresh_from_db()
    assert user.check_password("secret of before")


def test_the_password_page_says_the_rules_and_helps_password_managers(client: Client) -> None:
    html = client.get("/account/password/").content.decode()
    assert "at least 8 characters" in html
    for purpose in ("username", "current-password", "new-password"):
        assert f'autocomplete="{purpose}"' in html


def test_a_new_token_is_shown_once_and_opens_the_rest_api(client: Client) -> None:
    assert client.post("/account/tokens/", {"expires": "30d"})["Location"] == "/account/"
    [secret] = shown(page(client))
    assert shown(page(client)) == []
    assert all(secret not in str(session.get_decoded()) for session in Session.objects.all())
    answer = Client().get("/apps", headers={"Authorization": f"Token {secret}"})
    assert answer.status_code == 200
    token = AuthToken.objects.get()
    assert timedelta(days=29) < token.expiry - timezone.now() <= timedelta(days=30)
    assert f"<code>{secret[:8]}…</code>" in page(client)


def test_a_token_may_work_until_it_is_revoked(client: Client) -> None:
    client.post("/account/tokens/", {"expires": ""})
    assert AuthToken.objects.get().expiry is None
    client.post("/account/tokens/", {"expires": "forever"})
    assert AuthToken.objects.count() == 1


def test_a_revoked_token_opens_nothing(client: Client, user: User) -> None:
    issued = tokens.issue(user)
    client.post("/account/tokens/revoke/", {"token": issued.token.token_key})
    html = page(client)
    assert "The token is revoked" in html
    assert "You have no tokens." in html
    answer = Client().get("/apps", headers={"Authorization": f"Token {issued.secret}"})
    assert answer.status_code == 401


def test_only_ones_own_tokens_are_seen_and_revoked(client: Client) -> None:
    issued = tokens.issue(create_user())
    assert issued.secret[:8] not in page(client)
    for token in (issued.token.token_key, "", "\0"):
        assert client.post("/account/tokens/revoke/", {"token": token}).status_code == 404
    assert AuthToken.objects.exists()


def test_looking_at_the_address_of_a_form_changes_nothing(client: Client, user: User) -> None:
    issued = tokens.issue(user)
    for path in ("tokens/", f"tokens/revoke/?token={issued.token.token_key}", "preferences/"):
        answer = client.get(f"/account/{path}")
        assert answer["Location"].partition("#")[0] == "/account/"
        assert not answer.cookies.keys() & {"theme", "zone"}
    assert AuthToken.objects.count() == 1


def test_forms_need_the_token_of_the_page(user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    for path in ("preferences/", "password/", "tokens/", "tokens/revoke/", "sign-out/"):
        assert client.post(f"/account/{path}", {"expires": ""}).status_code == 403
    assert not AuthToken.objects.exists()
