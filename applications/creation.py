"""Applications come to be: with a name of their own and a first ingest key."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from applications import keys
from applications.models import Application, Key, Membership


class NameTaken(Exception):
    """Another application has the name, perhaps since a moment ago."""


@dataclass(frozen=True, slots=True)
class Created:
    """A new application and the secret of its ingest key, which can't be had again."""

    application: Application
    ingest_key: str


def create(
    name: str,
    *,
    description: str = "",
    retention_days: int | None = None,
    admin: User | None = None,
    demo: bool = False,
) -> Created:
    """Make an application that can take events at once.

    `admin` becomes its first member. Raises ValidationError for a value that can't be used, and
    NameTaken: only the database knows which of two simultaneous requests was first.
    """
    application = Application(
        name=name, description=description, retention_days=retention_days, demo=demo
    )
    application.full_clean(validate_unique=False)
    try:
        with transaction.atomic():
            application.save(force_insert=True)
            if admin is not None:
                Membership.objects.create(
                    application=application, user=admin, role=Membership.ADMIN
                )
            issued = keys.issue(application, Key.INGEST)
    except IntegrityError as error:
        raise NameTaken(f"An application named {name!r} exists already.") from error
    return Created(application, issued.secret)
