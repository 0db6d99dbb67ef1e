"""What applications and keys have in common: they end when nobody uses them (expiry.py)."""

from datetime import datetime
from typing import Any, Self, TypeVar

from django.db import models

AnyExpiring = TypeVar("AnyExpiring", bound="Expiring")


class ExpiringQuerySet(models.QuerySet[AnyExpiring]):
    def marked(self) -> Self:
        """Those that have been found unused."""
        return self.filter(unused_since__isnull=False)

    def unmark(self, **more: Any) -> int:
        """Let them be as if they had never been found unused; may set more of their fields."""
        return self.update(
            unused_since=None, warned_at=None, reminded_at=None, grace_ends_at=None, **more
        )

    def due(self, now: datetime) -> Self:
        """Those whose owners have been told and reminded, and have let the grace pass."""
        told = self.marked().filter(warned_at__isnull=False, reminded_at__isnull=False)
        return told.filter(grace_ends_at__lte=now)


class Expiring(models.Model):
    """What is marked when it is unused, told to its owners, and ends after a grace."""

    kept_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When somebody wanted it kept: a use."
    )
    unused_since = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Its last use, if that is too long ago."
    )
    warned_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When its owners were told of the end."
    )
    reminded_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When they were told once more."
    )
    grace_ends_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When it ends, unless it is used or kept."
    )

    class Meta:
        abstract = True
