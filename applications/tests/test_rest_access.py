"""Who reaches which part of the REST API of applications, and how they prove it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from applications import keys
from applications.factories import create_application, create_key, create_member, create_user
from applications.models import Application, Key, Membership

pytestmark = pytest.mark.django_db
Cast = dict[str, Client]
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture
def application() -> Application:
    return create_application("billing")


@pytest.fixture
def cast(application: Application) -> Cast:
    """A client for each of those who may ask."""
    other = create_application("other")

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    def with_headers(**headers: str) -> Client:
        return Client(headers=headers)

    return {
        "staff": signed_in(create_user(is_staff=True)),
        "owner": signed_in(create_member(application, Membership.ADMIN)),
        "viewer": signed_in(create_member(application)),
        "stranger": signed_in(create_member(other)),
        "nobody": Client(),
        "inactive": signed_in(create_user(is_active=False, is_staff=True)),
        "token": with_headers(authorization=f"Token {token(create_member(application))}"),
        "read key": with_headers(x_auth_token=create_key(application, Key.READ)),
        "bearer": with_headers(authorization=f"Bearer {create_key(application, Key.READ)}"),
        "other key": with_headers(x_auth_token=create_key(other, Key.READ)),
        "ingest key": with_headers(x_auth_token=create_key(application)),
        "wrong header": with_headers(x_ingest_key=create_key(application, Key.READ)),
    }


def token(user: User, expiry: timedelta | None = None) -> str:
    secret: str = AuthToken.objects.create(user, expiry)[1]
    return secret


@pytest.mark.parametrize(
    ("who", "show", "names", "create"),
    [
        ("staff", 200, ["billing", "other"], 201),
        ("owner", 200, ["billing"], 403),
        ("viewer", 200, ["billing"], 403),
        ("stranger", 404, ["other"], 403),
        ("nobody", 401, None, 401),
        ("inactive", 401, None, 401),
        ("token", 200, ["billing"], 403),
        ("read key", 200, ["billing"], 403),
        ("bearer", 200, ["billing"], 403),
        ("other key", 404, ["other"], 403),
        ("ingest key", 401, None, 401),
        ("wrong header", 401, None, 401),
    ],
)
def test_everyone_sees_what_is_theirs(
    cast: Cast,
    application: Application,
    who: str,
    show: int,
    names: list[str] | None,
    create: int,
) -> None:
    client = cast[who]
    shown, listed = client.get(f"/apps/{application.pk}"), client.get("/apps")
    assert shown.status_code == client.options(f"/apps/{application.pk}").status_code or show == 404
    assert shown.status_code == show
    if names is None:
        assert listed.status_code == 401
    else:
        assert [item["name"] for item in listed.json()["items"]] == names
    assert client.generic("POST", "/apps/new").status_code == create
    assert Application.objects.filter(name="new").exists() is (create == 201)


@pytest.fixture(params=["token", "open"])
def access(request: pytest.FixtureRequest, settings: Any) -> str:
    settings.API_ACCESS = request.param
    return str(request.param)


def _expired_token() -> str:
    return token(create_user(), timedelta(seconds=-1))


def _token_of_inactive() -> str:
    return token(create_user(is_active=False))


@pytest.mark.parametrize(
    "authorization",
    [
        lambda: "Token",
        lambda: "Token wrong",
        lambda: "Token \xe9",
        lambda: f"Token {_expired_token()}",
        lambda: f"Token {_token_of_inactive()}",
        lambda: "Bearer",
        lambda: "Bearer wrong",
        lambda: f"Bearer {'a' * 32}",
        lambda: f"Bearer {token(create_user())}",
        lambda: "Basic YTpi",
    ],
)
@pytest.mark.usefixtures("access")
def test_a_bad_credential_is_refused_even_where_none_is_needed(
    authorization: Callable[[], str],
) -> None:
    response = Client().get("/apps", headers={"authorization": authorization()})
    assert response.status_code == 401
    assert response["WWW-Authenticate"]
    assert response.json()["errors"]["detail"]


@pytest.mark.usefixtures("access")
def test_an_ended_key_is_refused_with_its_prefix_and_its_end() -> None:
    issued = keys.issue(create_application(), Key.READ, expires_at=timezone.now())
    response = Client().get("/apps", headers={"x-auth-token": issued.secret})
    assert response.status_code == 401
    [sentence] = response.json()["errors"]["detail"]
    assert sentence.startswith(f"The key {issued.secret[:8]}… ended at 20")


def test_a_bad_key_is_refused_beside_a_good_session(cast: Cast) -> None:
    assert cast["staff"].get("/apps", headers={"x-auth-token": "wrong"}).status_code == 401


def test_the_basic_credentials_of_a_proxy_do_not_hide_a_session(cast: Cast) -> None:
    response = cast["staff"].get("/apps", headers={"authorization": "Basic YTpi"})
    assert response.status_code == 200


def test_a_session_alone_does_not_change_anything_without_its_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(create_user(is_staff=True))
    response = client.generic("POST", "/apps/new")
    assert response.status_code == 403
    assert response.json()["errors"]["detail"][0].startswith("CSRF Failed")


def test_a_token_needs_no_csrf_token() -> None:
    client = Client(
        enforce_csrf_checks=True,
        headers={"authorization": f"Token {token(create_user(is_staff=True))}"},
    )
    assert client.generic("POST", "/apps/new").status_code == 201


def test_a_read_key_notes_that_it_is_used(application: Application) -> None:
    issued = keys.issue(application, Key.READ)
    Client().get("/apps", headers={"x-auth-token": issued.secret})
    issued.key.refresh_from_db()
    assert issued.key.last_used_at is not None


@pytest.fixture
def _open(settings: Any) -> None:
    settings.API_ACCESS = "open"


@pytest.mark.usefixtures("_open")
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin", "origin": "http://testserver"},
    ],
)
def test_open_access_lets_anyone_read_and_create(headers: dict[str, str]) -> None:
    assert Client().get("/apps", headers=headers).status_code == 200
    assert Client().generic("POST", "/apps/new", headers=headers).status_code == 201
    assert not Membership.objects.exists()


@pytest.mark.usefixtures("_open")
@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "http://testserver.evil.example"},
        {"origin": "http://testserver:8001"},
        {"origin": "null"},
        {"origin": "http://["},
        {"sec-fetch-site": "same-origin", "origin": "https://evil.example"},
    ],
)
def test_open_access_is_not_open_to_the_pages_of_other_sites(headers: dict[str, str]) -> None:
    for method, path in [("GET", "/apps"), ("POST", "/apps/new"), ("OPTIONS", "/apps")]:
        response = Client().generic(method, path, headers=headers)
        assert response.status_code == 403
        assert response.json()["errors"]["detail"]
    assert not Application.objects.exists()


@pytest.mark.usefixtures("access")
@pytest.mark.parametrize("path", ["/apps", "/apps/1", "/schema"])
def test_a_foreign_host_name_is_refused(path: str) -> None:
    response = Client().get(path, headers={"host": "rebound.example"})
    assert response.status_code == 400
    assert response.json() == {
        "errors": {"detail": ["This service does not answer to this host name."]}
    }


@pytest.mark.parametrize("kind", [Key.INGEST, Key.READ])
def test_a_rotated_key_opens_its_application_until_the_grace_period_is_over(
    application: Application, kind: str
) -> None:
    def status(secret: str) -> int:
        events = f"/apps/{application.pk}/events"
        if kind == Key.READ:
            return Client().get(events, headers={"x-auth-token": secret}).status_code
        body = {"message": "Paid"}
        headers = {"x-ingest-key": secret}
        return Client().post(events, body, "application/json", headers=headers).status_code

    works = 200 if kind == Key.READ else 201
    with time_machine.travel(NOON, tick=False) as clock:
        old = keys.issue(application, kind).secret
        assert status(old) == works
        new = keys.rotate(application, kind, grace=timedelta(hours=1)).issued.secret
        assert (status(old), status(new)) == (works, works)
        clock.shift(timedelta(hours=1))
        assert (status(old), status(new)) == (401, works)
