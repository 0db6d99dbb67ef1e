"""Members of an application: who may see it, and who may change it."""

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from applications.models import Application, Membership


class UnknownUser(Exception):
    """Nobody who may sign in has this name."""


class AlreadyMember(Exception):
    """The person is a member already, perhaps since a moment ago."""


class LastAdmin(Exception):
    """Nobody but staff could change the application any more."""


def active_user(username: str) -> User:
    """The user of a name. Raises UnknownUser; who may not sign in is as unknown as nobody."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise UnknownUser(f"There is no user {username!r}.")
    return user


def add(application: Application, user: User, role: str) -> Membership:
    """Make someone a member. Raises AlreadyMember, whatever their role is."""
    try:
        with transaction.atomic():
            return Membership.objects.create(application=application, user=user, role=role)
    except IntegrityError as error:
        raise AlreadyMember(f"{user} is a member already.") from error


def change_role(membership: Membership, role: str, *, by_staff: bool) -> None:
    """Give a member another role. Raises LastAdmin unless it is done by staff."""
    with transaction.atomic():
        if role != Membership.ADMIN and not by_staff:
            _check_other_admins(membership)
        membership.role = role
        membership.save(update_fields=["role"])


def remove(membership: Membership, *, by_staff: bool) -> None:
    """End a membership. Raises LastAdmin unless it is done by staff."""
    with transaction.atomic():
        if not by_staff:
            _check_other_admins(membership)
        membership.delete()


def _check_other_admins(membership: Membership) -> None:
    # Two admins who remove each other at once would each count on the other.
    application = Application.objects.select_for_update().get(pk=membership.application_id)
    admins = application.memberships.filter(role=Membership.ADMIN)
    if not admins.exclude(pk=membership.pk).exists():
        raise LastAdmin("The last admin stays: make somebody else an admin first.")
