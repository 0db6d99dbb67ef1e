"""Tokens that let a user into the REST API: shown once, stored as a hash, theirs to revoke."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils import timezone
from knox.models import AuthToken


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token and its secret, which can't be had again."""

    token: Any  # of knox
    secret: str


def issue(user: User, expires_after: timedelta | None = None) -> IssuedToken:
    """Make a token that works at once, for as long as is said, else until it is revoked."""
    return IssuedToken(*AuthToken.objects.create(user, expires_after))


def valid(user: User) -> QuerySet[Any]:
    """The user's tokens that work, newest first."""
    unexpired = Q(expiry=None) | Q(expiry__gt=timezone.now())
    tokens: QuerySet[Any] = AuthToken.objects.filter(unexpired, user=user).order_by("-created")
    return tokens


def revoke(user: User, token_key: str) -> bool:
    """End the user's token that begins so; False where there is none."""
    deleted, _ = AuthToken.objects.filter(user=user, token_key=token_key).delete()
    return bool(deleted)
