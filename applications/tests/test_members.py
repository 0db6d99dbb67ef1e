import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from applications import access, members
from applications.factories import create_application, create_member, create_user
from applications.models import Application, Membership

pytestmark = pytest.mark.django_db

VIEWER, ADMIN = Membership.VIEWER, Membership.ADMIN


@pytest.fixture
def application() -> Application:
    return create_application("billing")


def test_a_new_member_sees_the_application(application: Application) -> None:
    user = create_user()
    members.add(application, user, VIEWER)
    assert list(access.visible(user)) == [application]
    assert not access.may_write(user, application)


def test_nobody_is_a_member_twice(application: Application) -> None:
    user = create_user("alice")
    members.add(application, user, VIEWER)
    with pytest.raises(members.AlreadyMember, match="alice is a member already"):
        members.add(application, user, ADMIN)
    assert application.memberships.get().role == VIEWER


@pytest.mark.parametrize("username", ["ghost", "retired", ""])
def test_who_may_not_sign_in_is_as_unknown_as_nobody(username: str) -> None:
    create_user("retired", is_active=False)
    with pytest.raises(members.UnknownUser, match="There is no user"):
        members.active_user(username)


def membership_of(user: Any) -> Membership:
    return Membership.objects.get(user=user)


def test_a_role_can_be_changed(application: Application) -> None:
    viewer = create_member(application)
    members.change_role(membership_of(viewer), ADMIN, by_staff=False)
    assert access.may_write(viewer, application)


def test_the_last_admin_can_neither_go_nor_become_a_viewer(application: Application) -> None:
    admin = create_member(application, ADMIN)
    create_member(application)
    create_member(create_application(), ADMIN)
    with pytest.raises(members.LastAdmin):
        members.remove(membership_of(admin), by_staff=False)
    with pytest.raises(members.LastAdmin):
        members.change_role(membership_of(admin), VIEWER, by_staff=False)
    assert access.may_write(admin, application)


def test_one_of_two_admins_can_go(application: Application) -> None:
    first, second = create_member(application, ADMIN), create_member(application, ADMIN)
    members.change_role(membership_of(first), VIEWER, by_staff=False)
    members.remove(membership_of(first), by_staff=False)
    assert application.memberships.get().user == second


def test_staff_may_take_the_last_admin(application: Application) -> None:
    admin = create_member(application, ADMIN)
    members.change_role(membership_of(admin), VIEWER, by_staff=True)
    members.remove(membership_of(admin), by_staff=True)
    assert not application.memberships.exists()


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("set_member", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_adds_changes_and_removes_a_member(application: Application) -> None:
    create_user("alice")
    assert said("billing", "alice") == "alice is viewer of billing.\n"
    assert said(str(application.pk), "alice", "--role", "admin") == "alice is admin of billing.\n"
    assert application.memberships.get().role == ADMIN
    answer = json.loads(said("billing", "alice", "--remove", "--json"))
    assert answer == {"application": "billing", "username": "alice", "role": None}
    assert not application.memberships.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["billing", "ghost"], "There is no user 'ghost'"),
        (["billing", "ghost", "--remove"], "'ghost' is no member of billing"),
        (["nothing", "alice"], "There is no application 'nothing'"),
        (["billing", "alice", "--role", "owner"], "invalid choice"),
        (["billing", "alice", "--role", "admin", "--remove"], "not allowed with"),
    ],
)
@pytest.mark.usefixtures("application")
def test_the_command_says_why_not(arguments: list[str], sentence: str) -> None:
    create_user("alice")
    with pytest.raises(CommandError, match=sentence):
        said(*arguments)
    assert not Membership.objects.exists()
