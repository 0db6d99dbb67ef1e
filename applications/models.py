from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Max, Prefetch, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from applications.expiring import Expiring, ExpiringQuerySet
from applications.key_hash import key_hash

usable_name = RegexValidator(
    r"^[a-z][a-z0-9]*(?:[-_.][a-z0-9]+)*\Z",
    "Use lower-case letters, digits, and single '-', '_' or '.' between them; start with a letter.",
)


class ApplicationQuerySet(ExpiringQuerySet["Application"]):
    def existing(self) -> "ApplicationQuerySet":
        """Without those that somebody has deleted and the worker has not removed yet."""
        return self.filter(deleted_at=None)

    def named_like(self, text: str) -> "ApplicationQuerySet":
        return self.filter(name__icontains=text)

    def with_valid_keys(self) -> "ApplicationQuerySet":
        """Each with the list of its `valid_keys`, by one query for all."""
        return self.prefetch_related(Prefetch("keys", Key.objects.valid(), to_attr="valid_keys"))

    def of_the_demo(self) -> "ApplicationQuerySet":
        return self.existing().filter(demo=True)

    def may_expire(self) -> "ApplicationQuerySet":
        """Without the demo's, which nobody sends to: they go with a click."""
        return self.existing().filter(demo=False)

    def with_last_use(self) -> Any:
        """Each with its `last_use`: when a key was used or made, ended ones too."""
        # PostgreSQL's GREATEST ignores NULL.
        of_keys = Max(Greatest("keys__created_at", "keys__last_used_at"))
        return self.annotate(last_use=Greatest("created_at", "kept_at", of_keys))


class Application(Expiring):
    """A program, service or site of a team: the owner of keys, events, requests and monitors."""

    name = models.CharField(
        max_length=64,
        unique=True,
        validators=[usable_name],
        error_messages={"unique": "An application of this name exists already."},
    )
    description = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    retention_days = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Days to keep events; empty for the installation's default, never beyond it.",
    )
    active = models.BooleanField(default=True, help_text="An inactive application takes no events.")
    demo = models.BooleanField(
        default=False, editable=False, help_text="Made by `load_demo`, and removed as a whole."
    )
    # What the worker is to do: deleting millions of rows is nothing for a web request.
    deleted_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when the worker may remove it."
    )
    delete_events_before = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="The worker deletes what is older."
    )

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


def key_kinds() -> list[tuple[str, str]]:
    return [(Key.INGEST, "ingest (write only)"), (Key.READ, "read")]


class KeyQuerySet(ExpiringQuerySet["Key"]):
    def valid(self, at: datetime | None = None) -> "KeyQuerySet":
        """Keys that work at the moment `at` (default: now)."""
        at = at or timezone.now()
        return self.filter(
            Q(expires_at=None) | Q(expires_at__gt=at), Q(revoked_at=None) | Q(revoked_at__gt=at)
        )

    def beginning_with(self, prefix: str) -> "KeyQuerySet":
        """Keys whose shown digits begin so; the whole key names itself alone."""
        if digest := key_hash(prefix):
            return self.filter(sha256=digest)
        return self.filter(prefix__startswith=prefix.strip().rstrip("…").lower())

    def may_expire(self) -> "KeyQuerySet":
        """Those that work, of applications that are in use: the others go with theirs."""
        applications = Application.objects.may_expire().filter(unused_since=None)
        return self.valid().filter(application__in=applications)

    def with_last_use(self) -> Any:
        """Each with its `last_use`; whoever keeps an application keeps its keys."""
        moments = ("created_at", "kept_at", "last_used_at", "application__kept_at")
        return self.annotate(last_use=Greatest(*moments))


class Key(Expiring):
    """A credential of an application. The secret itself is shown once and never stored."""

    INGEST = "ingest"
    READ = "read"

    application = models.ForeignKey(Application, models.CASCADE, related_name="keys")
    kind = models.CharField(max_length=8, choices=key_kinds)
    prefix = models.CharField(max_length=8, editable=False, help_text="First digits of the key.")
    # The look-up of every ingest request that misses the key cache.
    sha256 = models.BinaryField(max_length=32, unique=True, editable=False)
    label = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = KeyQuerySet.as_manager()

    class Meta:
        ordering = ["application", "kind", "-created_at"]
        indexes = [
            # `revoke_key PREFIX`: the keys that begin with these digits
            models.Index(fields=["prefix"], name="applications_key_prefix"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} key {self.prefix}…"

    @property
    def ended_at(self) -> datetime | None:
        """When the key stopped or will stop working; None where no end is set."""
        ends = [moment for moment in (self.expires_at, self.revoked_at) if moment]
        return min(ends, default=None)


def roles() -> list[tuple[str, str]]:
    return [(Membership.VIEWER, "viewer"), (Membership.ADMIN, "admin")]


class Membership(models.Model):
    """A person's access to an application; staff see all without one."""

    VIEWER = "viewer"
    ADMIN = "admin"

    application = models.ForeignKey(Application, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=roles, default=VIEWER)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "user"], name="applications_membership_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role} of {self.application}"


class ExpiryWatch(models.Model):
    """How the one who looks for what is unused has kept watch: one row."""

    seen_at = models.DateTimeField(help_text="When it was looked for last.")
    counting_since = models.DateTimeField(
        null=True, help_text="After a long absence: what was used before counts as used then."
    )

    def __str__(self) -> str:
        return f"looked at {self.seen_at:%Y-%m-%d %H:%M}"
