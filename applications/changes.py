"""Changes of an application: its name and description, whether it takes events, their keeping."""

from typing import Any

from django.db import IntegrityError, transaction

from applications import key_cache
from applications.creation import NameTaken
from applications.models import Application


def change(application: Application, **values: Any) -> None:
    """Give fields of an application new values, which take effect at once.

    Raises ValidationError for a value that can't be used, and NameTaken.
    """
    for field, value in values.items():
        setattr(application, field, value)
    application.full_clean(validate_unique=False)
    try:
        with transaction.atomic():
            application.save(update_fields=list(values))
            transaction.on_commit(key_cache.forget_all)
    except IntegrityError as error:
        raise NameTaken(f"An application named {application.name!r} exists already.") from error
