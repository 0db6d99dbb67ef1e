"""The doors of access.py that writes go through: 404 for strangers, 403 for those who may look."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404

from applications import access
from applications.factories import create_application, create_member, create_user
from applications.models import Membership

pytestmark = pytest.mark.django_db


def test_admins_and_staff_and_an_open_installation_may_write() -> None:
    application = create_application()
    admin = create_member(application, Membership.ADMIN)
    for reader in (admin, create_user(is_staff=True), access.Anyone()):
        assert access.writable_application(reader, application.pk) == application


def test_who_may_only_look_is_refused() -> None:
    application = create_application()
    for reader in (create_member(application), access.KeyHolder(application.pk)):
        assert access.readable_application(reader, application.pk) == application
        with pytest.raises(PermissionDenied):
            access.writable_application(reader, application.pk)


def test_strangers_find_nothing() -> None:
    application, other = create_application(), create_application()
    admin_of_other = create_member(other, Membership.ADMIN)
    for reader in (admin_of_other, AnonymousUser(), access.KeyHolder(other.pk)):
        with pytest.raises(Http404):
            access.writable_application(reader, application.pk)
