"""Applications, keys and people for tests and demonstrations: plain functions."""

from itertools import count
from typing import Any

from django.contrib.auth.models import User

from applications import keys
from applications.models import Application, Key, Membership

_numbers = count(1)


def create_application(name: str = "", **fields: Any) -> Application:
    return Application.objects.create(name=name or f"app-{next(_numbers)}", **fields)


def create_key(application: Application, kind: str = Key.INGEST, **fields: Any) -> str:
    """The secret of a new key; `keys.issue` gives the row as well."""
    return keys.issue(application, kind, **fields).secret


def create_user(username: str = "", **fields: Any) -> User:
    return User.objects.create_user(username or f"user-{next(_numbers)}", **fields)


def create_member(application: Application, role: str = Membership.VIEWER) -> User:
    user = create_user()
    Membership.objects.create(application=application, user=user, role=role)
    return user
