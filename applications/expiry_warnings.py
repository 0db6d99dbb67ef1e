"""Tells owners by e-mail what is unused: once when it is found, once more before it ends.

Without mail, or without an address, what the dashboard shows is all; the grace is the same.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone

from applications.expiry import described
from applications.models import Application, Key, Membership

logger = logging.getLogger(__name__)

_MOST_LEAD = timedelta(days=7)
_NO_MAIL = "django.core.mail.backends.dummy.EmailBackend"
_TEXT = "applications/unused.txt"


def warn(now: datetime) -> None:
    """Tell the owners of what is marked; the grace begins when that is done, and not before."""
    found = _marked(Q(warned_at=None))
    ends = now + timedelta(days=settings.EXPIRY_GRACE_DAYS + 1)
    for thing in found:
        thing.grace_ends_at = ends.replace(hour=0, minute=0, second=0, microsecond=0)
    _tell(found, "warned_at")


def remind(now: datetime) -> None:
    """Tell them again shortly before the end. One that is told late ends later."""
    lead = min(_MOST_LEAD, timedelta(days=settings.EXPIRY_GRACE_DAYS) / 4)
    near = Q(warned_at__isnull=False, reminded_at=None, grace_ends_at__lte=now + lead)
    found = _marked(near)
    for thing in found:
        thing.grace_ends_at = max(thing.grace_ends_at, now + lead / 2)
    _tell(found, "reminded_at")


def _marked(which: Q) -> list[Any]:
    keys = Key.objects.may_expire().marked().select_related("application")
    return [*Application.objects.may_expire().marked().filter(which), *keys.filter(which)]


def _tell(things: list[Any], told: str) -> None:
    """Write one mail to those who own the same of these, and note which were told."""
    if not things:
        return
    try:
        connection = mail.get_connection()
        connection.open()
    except OSError as error:  # those of smtplib are some, too
        logger.error("Mail can't be sent; nothing ends before its owners are told: %s", error)
        return
    try:
        for addresses, owned in _by_owners(things).items():
            if not addresses or _sent(_message(addresses, owned, told), connection):
                _note(owned, told, len(addresses))
    finally:
        connection.close()


def _note(things: Iterable[Any], told: str, owners: int) -> None:
    for thing in things:
        # What has been used or kept since it was read is left alone.
        row = type(thing).objects.filter(pk=thing.pk, unused_since=thing.unused_since)
        row.update(**{told: timezone.now(), "grace_ends_at": thing.grace_ends_at})
        sentence = "The %s is to end on %s; owners told by mail: %d."
        logger.info(sentence, described(thing), thing.grace_ends_at, owners)


def _by_owners(things: list[Any]) -> dict[tuple[str, ...], list[Any]]:
    owners = _owners([_application(thing).pk for thing in things])
    grouped = defaultdict(list)
    for thing in things:
        grouped[owners[_application(thing).pk]].append(thing)
    return grouped


def _application(thing: Application | Key) -> Application:
    return thing.application if isinstance(thing, Key) else thing


def _owners(application_ids: list[int]) -> dict[int, tuple[str, ...]]:
    """The addresses of each application's admins; of staff where no admin has one."""
    if settings.EMAIL_BACKEND == _NO_MAIL:
        return defaultdict(tuple)
    admins = Membership.objects.filter(
        application__in=application_ids, role=Membership.ADMIN, user__is_active=True
    )
    found = defaultdict(set)
    for application_id, address in admins.values_list("application_id", "user__email"):
        found[application_id].add(address)
    staff = User.objects.filter(is_staff=True, is_active=True).values_list("email", flat=True)
    fallback = _usable(staff)
    return {id_: _usable(found[id_]) or fallback for id_ in application_ids}


def _usable(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({address for address in addresses if _is_address(address)}))


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _message(addresses: tuple[str, ...], things: list[Any], told: str) -> mail.EmailMessage:
    context = {"things": things, "again": told == "reminded_at", "address": settings.URL}
    subject, _, body = render_to_string(_TEXT, context).partition("\n")
    headers = {"Auto-Submitted": "auto-generated"}
    return mail.EmailMessage(subject, body.strip() + "\n", to=addresses, headers=headers)


def _sent(message: mail.EmailMessage, connection: Any) -> bool:
    message.connection = connection
    try:
        message.send()
    except SMTPRecipientsRefused as error:  # nor will they take the next: the dashboard tells
        logger.warning("Owners of what is unused can't be reached by mail: %s", error)
    except OSError as error:
        logger.error("A warning was not sent, and is tried again: %s", error)
        return False
    return True
