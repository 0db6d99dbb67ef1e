import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client

from applications import key_cache, keys
from applications.factories import create_application, create_user
from applications.models import Application, Key

pytestmark = pytest.mark.django_db

LIST = "/admin/applications/application/"
NO_MEMBERS = {
    "memberships-TOTAL_FORMS": "0",
    "memberships-INITIAL_FORMS": "0",
    "keys-TOTAL_FORMS": "0",
    "keys-INITIAL_FORMS": "0",
}


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(create_user(is_staff=True, is_superuser=True))
    return client


def shown_keys(page: str) -> list[str]:
    return re.findall(r"<code>([0-9a-f]{32})</code>", page)


def test_a_new_application_shows_its_key_once(client: Client) -> None:
    answer = client.post(f"{LIST}add/", {"name": "billing", "active": "on", **NO_MEMBERS})
    assert answer.status_code == 302
    assert "messages" not in answer.cookies
    [secret] = shown_keys(client.get(LIST).content.decode())
    key = key_cache.look_up(secret)
    assert key is not None
    assert key.application_id == Application.objects.get(name="billing").pk
    assert shown_keys(client.get(LIST).content.decode()) == []
    assert all(secret not in str(session.get_decoded()) for session in Session.objects.all())


def test_an_unusable_name_is_told_beside_its_field(client: Client) -> None:
    answer = client.post(f"{LIST}add/", {"name": "Billing", "active": "on", **NO_MEMBERS})
    assert "Use lower-case letters" in answer.content.decode()
    assert not Application.objects.exists()


def test_a_saved_application_gets_no_further_key_and_takes_effect_at_once(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    application = create_application("billing")
    secret = keys.issue(application, Key.INGEST).secret
    key_cache.look_up(secret)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{LIST}{application.pk}/change/", {"name": "invoices", **NO_MEMBERS})
    application.refresh_from_db()
    assert (application.name, application.active) == ("invoices", False)
    key = key_cache.look_up(secret)
    assert key is not None
    assert not key.application_active
    assert Key.objects.count() == 1


def test_a_member_can_be_added_to_an_application(client: Client) -> None:
    application, user = create_application("billing"), create_user()
    member = {"memberships-0-user": user.pk, "memberships-0-role": "viewer"}
    form = {"name": "billing", **NO_MEMBERS, "memberships-TOTAL_FORMS": "1", **member}
    assert client.post(f"{LIST}{application.pk}/change/", form).status_code == 302
    assert application.memberships.get().user == user


def test_the_page_of_an_application_lists_its_keys_without_secrets(client: Client) -> None:
    application = create_application("billing")
    issued = keys.issue(application, Key.INGEST, label="web")
    page = client.get(f"{LIST}{application.pk}/change/").content.decode()
    assert issued.secret[:8] in page
    assert issued.secret not in page


@pytest.mark.parametrize(("kind", "other"), [(Key.INGEST, Key.READ), (Key.READ, Key.INGEST)])
def test_an_action_rotates_the_keys_of_the_chosen_applications(
    client: Client, kind: str, other: str
) -> None:
    application = create_application("billing")
    old, untouched = (keys.issue(application, each).key for each in (kind, other))
    form = {"action": f"rotate_{kind}_keys", "_selected_action": application.pk, "grace": "2h"}
    page = client.post(LIST, form, follow=True).content.decode()
    [secret] = shown_keys(page)
    new = key_cache.look_up(secret)
    old.refresh_from_db()
    untouched.refresh_from_db()
    assert new is not None
    assert (new.kind, new.ended_at) == (kind, None)
    assert old.expires_at is not None
    assert timedelta(hours=1) < old.expires_at - old.created_at < timedelta(hours=3)
    assert f"{old.prefix}… of billing works until {old.expires_at:%Y-%m-%d}" in page
    assert untouched.expires_at is None


def test_a_grace_that_is_no_duration_rotates_nothing(client: Client) -> None:
    application = create_application("billing")
    form = {"action": "rotate_ingest_keys", "_selected_action": application.pk, "grace": "soon"}
    assert "is not a duration" in client.post(LIST, form, follow=True).content.decode()
    assert not Key.objects.exists()


def test_a_new_key_is_shown_once(client: Client) -> None:
    application = create_application("billing")
    form = {"application": application.pk, "kind": "read", "label": "reports"}
    page = client.post("/admin/applications/key/add/", form, follow=True).content.decode()
    [secret] = shown_keys(page)
    key = Key.objects.get()
    assert (key.kind, key.label, key.prefix) == ("read", "reports", secret[:8])
    assert key_cache.look_up(secret) is not None


def test_of_a_stored_key_only_the_label_and_the_end_can_be_changed(client: Client) -> None:
    key = keys.issue(create_application("billing"), Key.INGEST).key
    other = create_application("other")
    form = {"application": other.pk, "kind": "read", "prefix": "0", "label": "web"}
    client.post(f"/admin/applications/key/{key.pk}/change/", form)
    changed = Key.objects.get()
    assert changed.label == "web"
    assert (changed.application, changed.kind) == (key.application, key.kind)
    assert (changed.prefix, bytes(changed.sha256)) == (key.prefix, key.sha256)


def test_an_action_revokes_the_chosen_keys(client: Client) -> None:
    key = keys.issue(create_application("billing"), Key.INGEST).key
    form = {"action": "revoke", "_selected_action": key.pk}
    page = client.post("/admin/applications/key/", form, follow=True).content.decode()
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert f"Ingest key {key.prefix}… of billing has ended." in page


def test_a_deleted_key_works_no_more(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    issued = keys.issue(create_application("billing"), Key.INGEST)
    key_cache.look_up(issued.secret)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/admin/applications/key/{issued.key.pk}/delete/", {"post": "yes"})
    assert key_cache.look_up(issued.secret) is None


@pytest.mark.parametrize("by", ["page", "action"])
def test_an_application_is_deleted_with_its_rows(
    client: Client, django_capture_on_commit_callbacks: Any, by: str
) -> None:
    application = create_application("billing")
    keys.issue(application, Key.INGEST)
    action = {"action": "delete_selected", "_selected_action": application.pk, "post": "yes"}
    with django_capture_on_commit_callbacks(execute=True):
        if by == "page":
            client.post(f"{LIST}{application.pk}/delete/", {"post": "yes"})
        else:
            client.post(LIST, action)
    assert not Application.objects.exists()


def test_the_list_costs_a_constant_number_of_queries(
    client: Client, django_assert_num_queries: Any
) -> None:
    # session, user, number of applications, applications, their keys, three for the figures
    for _ in range(2):
        for _ in range(10):
            keys.issue(create_application(), Key.INGEST)
        with django_assert_num_queries(8):
            assert client.get(LIST).status_code == 200
    assert client.get(LIST).content.decode().count("1 ingest") == 20


@pytest.mark.parametrize("search", ["bill", "Invoices"])
def test_applications_are_found_by_name_and_description(client: Client, search: str) -> None:
    create_application("billing", description="Invoices")
    create_application("shop")
    page = client.get(f"{LIST}?q={search}").content.decode()
    assert ">billing<" in page
    assert ">shop<" not in page


def test_the_list_of_keys_can_be_searched_and_is_cheap(
    client: Client, django_assert_num_queries: Any
) -> None:
    for _ in range(10):
        keys.issue(create_application(), Key.READ)
    with django_assert_num_queries(4):  # session, user, number of keys, keys
        assert client.get("/admin/applications/key/").status_code == 200
    assert "0 keys" in client.get("/admin/applications/key/?q=nothing").content.decode()


def test_the_site_bears_our_name(client: Client) -> None:
    assert "Log Handler" in client.get("/admin/").content.decode()
    assert User.objects.count() == 1
