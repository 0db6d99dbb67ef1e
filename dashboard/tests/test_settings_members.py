from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from applications.factories import create_application, create_member, create_user
from applications.models import Application, Membership

pytestmark = pytest.mark.django_db

VIEWER, ADMIN = Membership.VIEWER, Membership.ADMIN


@pytest.fixture
def application() -> Application:
    return create_application("shop")


@pytest.fixture
def admin(application: Application) -> User:
    return create_member(application, ADMIN)


@pytest.fixture
def client(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def path(application: Application, rest: str = "") -> str:
    return f"/applications/{application.pk}/settings/{rest}"


def membership(user: User) -> Membership:
    return Membership.objects.get(user=user)


def change(client: Client, user: User, rest: str = "", **values: str) -> Any:
    member = membership(user)
    return client.post(path(member.application, f"members/{member.pk}/{rest}"), values)


def test_a_user_becomes_a_member(client: Client, application: Application) -> None:
    user = create_user("alice")
    answer = client.post(path(application, "members/"), {"username": "alice", "role": "viewer"})
    assert answer["Location"] == path(application, "#top")
    assert membership(user).role == VIEWER
    page = client.get(path(application)).content.decode()
    assert "alice is viewer of shop now." in page
    assert "<b>alice</b>" in page


@pytest.mark.parametrize("username", ["ghost", "retired", "<script>", "", "x" * 151])
def test_who_can_not_be_added_is_told_beside_the_field(
    client: Client, application: Application, username: str
) -> None:
    create_user("retired", is_active=False)
    answer = client.post(path(application, "members/"), {"username": username, "role": "viewer"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert '<details class="setting-more" open>' in page
    assert 'id="member_username_error"' in page
    assert "<script>" not in page
    assert application.memberships.count() == 1


def test_nobody_is_added_twice_or_with_a_role_of_their_own(
    client: Client, application: Application, admin: User
) -> None:
    again = client.post(path(application, "members/"), {"username": str(admin), "role": "viewer"})
    assert "is a member already" in again.content.decode()
    create_user("alice")
    client.post(path(application, "members/"), {"username": "alice", "role": "owner"})
    assert membership(admin).role == ADMIN
    assert application.memberships.count() == 1


def test_roles_change_both_ways(client: Client, application: Application) -> None:
    user = create_member(application)
    change(client, user, role="admin")
    assert membership(user).role == ADMIN
    change(client, user, role="viewer")
    assert membership(user).role == VIEWER
    assert change(client, user, role="owner").status_code == 302
    assert membership(user).role == VIEWER


def test_a_member_is_removed(client: Client, application: Application) -> None:
    user = create_member(application)
    assert change(client, user, "remove/").url == path(application, "#top")
    assert not Membership.objects.filter(user=user).exists()


def test_the_last_admin_stays(client: Client, application: Application, admin: User) -> None:
    for rest, role in (("remove/", ""), ("", "viewer")):
        assert change(client, admin, rest, role=role).url == path(application, "#top")
        assert "The last admin stays" in client.get(path(application)).content.decode()
    assert membership(admin).role == ADMIN


def test_who_gives_up_rights_is_led_to_what_is_left(
    client: Client, application: Application, admin: User
) -> None:
    create_member(application, ADMIN)
    answer = change(client, admin, role="viewer")
    assert answer.url == f"/applications/{application.pk}/"
    assert client.get(answer.url).status_code == 200


def test_who_leaves_is_led_to_the_overview(
    client: Client, application: Application, admin: User
) -> None:
    create_member(application, ADMIN)
    answer = change(client, admin, "remove/")
    assert answer.url == "/"
    assert client.get(path(application)).status_code == 404


def test_staff_may_remove_the_last_admin(application: Application, admin: User) -> None:
    client = Client()
    client.force_login(create_user(is_staff=True))
    change(client, admin, "remove/")
    assert not application.memberships.exists()


def test_members_of_other_applications_are_out_of_reach(
    client: Client, application: Application
) -> None:
    member = membership(create_member(create_application()))
    for rest in ("", "remove/"):
        answer = client.post(path(application, f"members/{member.pk}/{rest}"), {"role": "admin"})
        assert answer.status_code == 404
    assert membership(member.user).role == VIEWER
