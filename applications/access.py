"""Who may see and change which application: strangers get 404, viewers 403 on writes.

A reader of the service is a Django user, or one of the stand-ins below, which answer the same
questions: `is_authenticated`, `is_staff`, `application_id`.
"""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404

from applications.models import Application, ApplicationQuerySet, Membership


@dataclass(frozen=True)
class KeyHolder:
    """Whoever holds a read key: sees its application, changes nothing."""

    application_id: int
    is_authenticated: bool = True
    is_staff: bool = False


@dataclass(frozen=True)
class Anyone:
    """Whoever reaches the address of an installation with open API access."""

    is_authenticated: bool = True
    is_staff: bool = True


def visible(reader: Any) -> ApplicationQuerySet:
    """The applications that the reader may see."""
    applications = Application.objects.existing()
    if isinstance(reader, KeyHolder):
        return applications.filter(pk=reader.application_id)
    if not reader.is_authenticated:
        return applications.none()
    if reader.is_staff:
        return applications
    return applications.filter(memberships__user=reader)


def readable_application(reader: Any, application_id: int | str) -> Application:
    """The application, or Http404 where it does not exist or the reader may not see it."""
    return with_id(visible(reader), application_id)


def with_id(applications: ApplicationQuerySet, application_id: int | str) -> Application:
    """The one of this id among them, or Http404; the id may be any text of a path."""
    digits = str(application_id)
    # int() would also take '1_0', ' 1 ' and digits of other scripts.
    if digits.isascii() and digits.isdecimal() and len(digits) < 20:
        application = applications.filter(pk=int(digits)).first()
        if application is not None:
            return application
    raise Http404("There is no such application.")


def writable_application(reader: Any, application_id: int | str) -> Application:
    """The application, Http404 for strangers, PermissionDenied for those who may only look."""
    application = readable_application(reader, application_id)
    if not may_write(reader, application):
        raise PermissionDenied("You may look at this application, not change it.")
    return application


def may_write(reader: Any, application: Application) -> bool:
    if reader.is_staff:
        return True
    if isinstance(reader, KeyHolder):
        return False
    return Membership.objects.filter(
        application=application, user=reader, role=Membership.ADMIN
    ).exists()


def may_create(reader: Any) -> bool:
    """Staff create applications, and so does anyone where the API is open."""
    return bool(reader.is_authenticated and reader.is_staff)
