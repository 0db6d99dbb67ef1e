import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from applications import deletion, key_cache, keys, tokens
from applications.factories import create_application, create_key, create_member, create_user
from applications.models import Application, Key, Membership
from ingest import pipeline
from ingest.factories import create_batch, create_record

pytestmark = pytest.mark.django_db

LIST = "/admin/applications/application/"
NO_MEMBERS = {
    "memberships-TOTAL_FORMS": "0",
    "memberships-INITIAL_FORMS": "0",
    "keys-TOTAL_FORMS": "0",
    "keys-INITIAL_FORMS": "0",
    "traffic_policy-TOTAL_FORMS": "0",
    "traffic_policy-INITIAL_FORMS": "0",
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
def test_a_deleted_application_is_gone_at_once_and_removed_by_the_worker(
    client: Client, django_capture_on_commit_callbacks: Any, by: str
) -> None:
    application = create_application("billing")
    key = keys.issue(application, Key.INGEST).key
    action = {"action": "delete_selected", "_selected_action": application.pk, "post": "yes"}
    with django_capture_on_commit_callbacks(execute=True):
        if by == "page":
            client.post(f"{LIST}{application.pk}/delete/", {"post": "yes"})
        else:
            client.post(LIST, action)
    assert ">billing<" not in client.get(LIST).content.decode()
    assert client.get(f"{LIST}{application.pk}/change/").status_code == 302
    application.refresh_from_db()
    key.refresh_from_db()
    assert application.deleted_at is not None
    assert key.revoked_at is not None


def test_the_list_costs_a_constant_number_of_queries(
    client: Client, django_assert_num_queries: Any
) -> None:
    # session, user, number of applications, applications, their keys, three for the events, one
    # for the requests
    for _ in range(2):
        for _ in range(10):
            keys.issue(create_application(), Key.INGEST)
        with django_assert_num_queries(9):
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


# --- The figures of an application ------------------------------------------------------------


def store(application: Application, *levels: int, ago: timedelta = timedelta(minutes=1)) -> None:
    batch = create_batch(*(create_record(f"Of level {level}", level=level) for level in levels))
    pipeline.accept(application.pk, batch, received_at=timezone.now() - ago)


def change_page(client: Client, application: Application, query: str = "") -> str:
    answer = client.get(f"{LIST}{application.pk}/change/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def drawn(html: str) -> Any:
    found = re.search(r'<script id="course-json" type="application/json">(.*?)</script>', html)
    assert found is not None
    return json.loads(found[1])


def test_the_page_of_an_application_shows_its_own_figures(client: Client) -> None:
    billing, other = create_application("billing"), create_application("other")
    store(billing, 20, 20, 40)
    store(billing, 20, ago=timedelta(days=10))
    store(other, 50)
    page = change_page(client, billing)
    counted = {one["label"]: sum(one["values"]) for one in drawn(page)["series"]}
    assert counted == {"INFO": 2, "ERROR": 1}
    assert "3 events in the last 24 hours; the last one was received" in page
    assert "Of level 50" not in page
    assert f'href="/applications/{billing.pk}/"' in page
    assert f'href="/admin/events/event/?application={billing.pk}"' in page
    month = drawn(change_page(client, billing, "?range=30d"))
    assert len(month["starts"]) == 30
    assert sum(sum(one["values"]) for one in month["series"]) == 4
    assert month["zoom"] == f"/applications/{billing.pk}/"


def test_a_form_that_is_refused_keeps_the_figures(client: Client) -> None:
    billing = create_application("billing")
    store(billing, 40)
    answer = client.post(f"{LIST}{billing.pk}/change/", {"name": "Not a name", **NO_MEMBERS})
    page = answer.content.decode()
    assert "Use lower-case letters" in page
    assert len(drawn(page)["series"]) == 1


def test_the_page_of_a_new_application_has_no_figures(client: Client) -> None:
    assert "course-json" not in client.get(f"{LIST}add/").content.decode()


def test_figures_are_for_those_who_may_view_events(client: Client) -> None:
    billing = create_application("billing")
    store(billing, 40)
    user = create_user(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="change_application"))
    client.force_login(user)
    page = change_page(client, billing)
    assert "course-json" not in page
    assert "Of level 40" not in page
    user.user_permissions.add(Permission.objects.get(codename="view_event"))
    assert "Of level 40" in change_page(client, billing)


def test_the_page_of_an_application_costs_the_same_queries_whatever_it_holds(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    # session, user, application, its valid keys; the summary, the series, the ranking and its
    # texts; members, keys; before midnight whether the day is closed, thrice
    billing = create_application("billing")
    for _ in range(2):
        for _ in range(5):
            store(billing, 20, 40)
            create_key(billing)
        with django_assert_max_num_queries(13):
            change_page(client, billing)


# --- People -----------------------------------------------------------------------------------


def test_the_page_of_a_user_tells_and_takes_applications(client: Client) -> None:
    billing = create_application("billing")
    user = create_member(billing)
    path = f"/admin/auth/user/{user.pk}/change/"
    page = client.get(path).content.decode()
    assert f"{user} as viewer of billing" in page
    membership = user.memberships.get()
    form = {
        "username": user.username,
        "date_joined": "2026-11-21T08:00:00",
        "is_active": "on",
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "1",
        "memberships-0-id": membership.pk,
        "memberships-0-user": user.pk,
        "memberships-0-application": billing.pk,
        "memberships-0-role": Membership.ADMIN,
    }
    assert client.post(path, form).status_code == 302
    membership.refresh_from_db()
    assert membership.role == Membership.ADMIN


def test_the_end_of_a_key_is_told_in_the_time_of_the_viewer(client: Client) -> None:
    client.cookies["zone"] = "Europe/Warsaw"
    key = keys.issue(create_application("billing"), Key.INGEST).key
    path = f"/admin/applications/key/{key.pk}/change/"
    form = {"label": "", "expires_at": "2030-07-01T12:00:30"}
    assert client.post(path, form).status_code == 302
    key.refresh_from_db()
    assert key.expires_at == datetime(2030, 7, 1, 10, 0, 30, tzinfo=UTC)
    assert 'value="2030-07-01T12:00:30"' in client.get(path).content.decode()


def test_keys_are_not_made_for_applications_that_are_being_deleted(client: Client) -> None:
    gone = create_application("gone")
    deletion.want(gone)
    page = client.get("/admin/applications/key/add/").content.decode()
    assert f'<option value="{gone.pk}">' not in page
    client.post("/admin/applications/key/add/", {"application": gone.pk, "kind": "read"})
    assert not Key.objects.exists()


def test_tokens_are_revoked_and_not_made_in_the_admin(client: Client) -> None:
    user = create_user("maria")
    issued = tokens.issue(user)
    path = "/admin/knox/authtoken/"
    page = client.get(path).content.decode()
    assert issued.token.token_key in page
    assert "maria" in page
    assert client.get(f"{path}add/").status_code == 403
    client.post(f"{path}{issued.token.digest}/delete/", {"post": "yes"})
    assert not tokens.valid(user).exists()
