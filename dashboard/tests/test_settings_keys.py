import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from applications import key_cache, keys
from applications.factories import create_application, create_member
from applications.models import Application, Key, Membership

pytestmark = pytest.mark.django_db


@pytest.fixture
def application() -> Application:
    return create_application("shop")


@pytest.fixture
def client(client: Client, application: Application) -> Client:
    client.force_login(create_member(application, Membership.ADMIN))
    return client


def path(application: Application, rest: str = "") -> str:
    return f"/applications/{application.pk}/settings/{rest}"


def send(client: Client, application: Application, rest: str, **values: str) -> Any:
    return client.post(path(application, rest), values)


def secrets(client: Client, application: Application) -> list[str]:
    page = client.get(path(application)).content.decode()
    return re.findall(r"<code[^>]*>([0-9a-f]{32})</code>", page)


def test_a_new_key_is_shown_once(client: Client, application: Application) -> None:
    answer = send(client, application, "keys/", kind="read", label="reports", expires="90d")
    assert answer.url == path(application, "#top")
    [secret] = secrets(client, application)
    found = key_cache.look_up(secret)
    assert found is not None
    assert (found.kind, found.application_id) == ("read", application.pk)
    key = Key.objects.get()
    assert key.label == "reports"
    assert key.expires_at is not None
    assert timedelta(days=89) < key.expires_at - timezone.now() <= timedelta(days=90)
    assert secrets(client, application) == []
    assert all(secret not in str(session.get_decoded()) for session in Session.objects.all())


def test_a_key_without_an_end_works_until_it_is_revoked(
    client: Client, application: Application
) -> None:
    send(client, application, "keys/", kind="ingest")
    assert Key.objects.get().ended_at is None


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"kind": "ingest", "expires": "soon"}, "is not a duration"),
        ({"kind": "ingest", "expires": "0s"}, "Let it work for some time"),
        ({"kind": "other"}, "Select a valid choice"),
        ({"kind": "ingest", "label": "x" * 65}, "at most 64 characters"),
    ],
)
def test_what_can_not_be_a_key_is_told_beside_the_field(
    client: Client, application: Application, values: dict[str, str], sentence: str
) -> None:
    page = send(client, application, "keys/", **values).content.decode()
    assert sentence in page
    assert page.count('<details class="setting-more" open>') == 1
    assert not Key.objects.exists()


def test_rotation_shows_the_new_key_and_when_the_old_ones_end(
    client: Client, application: Application
) -> None:
    old, other = keys.issue(application, Key.INGEST).key, keys.issue(application, Key.READ).key
    send(client, application, "keys/rotate/", kind="ingest", grace="2h")
    page = client.get(path(application)).content.decode()
    [secret] = re.findall(r"<code[^>]*>([0-9a-f]{32})</code>", page)
    old.refresh_from_db()
    other.refresh_from_db()
    assert old.expires_at is not None
    assert timedelta(hours=1.9) < old.expires_at - timezone.now() <= timedelta(hours=2)
    assert f"It replaces {old.prefix}…, which works until {old.expires_at:%-d %b %Y}" in page
    assert other.expires_at is None
    found = key_cache.look_up(secret)
    assert found is not None
    assert found.kind == "ingest"
    assert secrets(client, application) == []


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"kind": "ingest", "grace": "soon"}, "is not a duration"),
        ({"kind": "ingest", "grace": ""}, "This field is required."),
        ({"kind": "read", "grace": "24h"}, "Select a valid choice"),
    ],
)
def test_what_can_not_be_rotated_is_left_alone(
    client: Client, application: Application, values: dict[str, str], sentence: str
) -> None:
    key = keys.issue(application, Key.INGEST).key
    assert sentence in send(client, application, "keys/rotate/", **values).content.decode()
    assert Key.objects.get() == key
    assert Key.objects.get().expires_at is None


def test_without_keys_there_is_nothing_to_rotate(client: Client, application: Application) -> None:
    assert "Rotate keys" not in client.get(path(application)).content.decode()
    keys.issue(application, Key.READ)
    assert "Rotate keys" in client.get(path(application)).content.decode()


def test_a_revoked_key_ends_and_leaves_the_list(client: Client, application: Application) -> None:
    issued = keys.issue(application, Key.INGEST)
    send(client, application, f"keys/{issued.key.pk}/revoke/")
    page = client.get(path(application)).content.decode()
    assert f"The ingest key {issued.key.prefix}… has ended." in page
    assert f"<code>{issued.key.prefix}…</code>" not in page
    issued.key.refresh_from_db()
    assert issued.key.revoked_at is not None


def test_keys_of_other_applications_are_out_of_reach(
    client: Client, application: Application
) -> None:
    key = keys.issue(create_application(), Key.INGEST).key
    assert send(client, application, f"keys/{key.pk}/revoke/").status_code == 404
    key.refresh_from_db()
    assert key.revoked_at is None
