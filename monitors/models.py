from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from monitors.targets import kinds
from monitors.verdicts import STATES, UNKNOWN

LEAST_SECONDS, MOST_SECONDS = 10, 86_400  # between two checks


def kind_choices() -> list[tuple[str, str]]:
    return list(kinds().items())


def state_choices() -> list[tuple[str, str]]:
    return [(state, state) for state in STATES]


class Monitor(models.Model):
    """Something that must be up: an address, a port or a certificate, checked again and again.

    The columns from `due_at` on are the checking worker's (claiming.py, storing.py).
    """

    application = models.ForeignKey(
        "applications.Application", models.CASCADE, related_name="monitors", db_index=False
    )
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=4, choices=kind_choices)
    target = models.JSONField(help_text="What is asked and expected; its fields are the kind's.")
    interval_seconds = models.PositiveIntegerField(
        default=60,
        validators=[MinValueValidator(LEAST_SECONDS), MaxValueValidator(MOST_SECONDS)],
        help_text="From one check to the next.",
    )
    timeout_seconds = models.FloatField(
        default=10.0,
        validators=[MinValueValidator(0.1), MaxValueValidator(60.0)],
        help_text="A check that takes longer has failed.",
    )
    retries = models.PositiveSmallIntegerField(
        default=1,
        validators=[MaxValueValidator(10)],
        help_text="How many checks more must fail in a row before it counts as down.",
    )
    paused = models.BooleanField(default=False)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    due_at = models.DateTimeField(default=timezone.now, editable=False)
    checked_at = models.DateTimeField(null=True, editable=False)
    state = models.CharField(max_length=11, choices=state_choices, default=UNKNOWN, editable=False)
    state_since = models.DateTimeField(null=True, editable=False)
    failed = models.PositiveIntegerField(default=0, editable=False, help_text="Checks in a row.")
    failing_since = models.DateTimeField(null=True, editable=False)
    failure = models.CharField(
        max_length=11, null=True, editable=False, help_text="Of the first check that failed."
    )
    words = models.TextField(default="", editable=False, help_text="Why it failed.")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            # The application's list, too
            models.UniqueConstraint(
                fields=["application", "name"],
                name="monitors_monitor_name",
                violation_error_message="The application has a monitor of this name already.",
            )
        ]
        indexes = [
            # The worker's claim of what is due, many times a minute
            models.Index(fields=["due_at"], condition=Q(paused=False), name="monitors_monitor_due")
        ]

    def __str__(self) -> str:
        return self.name


class Outage(models.Model):
    """A time in which a monitor was down. Uptime is computed from these alone."""

    application = models.ForeignKey(
        "applications.Application", models.CASCADE, related_name="outages"
    )
    monitor = models.ForeignKey(Monitor, models.CASCADE, related_name="outages", db_index=False)
    begin = models.DateTimeField(help_text="The first of the checks that failed in a row.")
    end = models.DateTimeField(null=True, help_text="The first that succeeded.")
    failure = models.CharField(max_length=11)
    words = models.TextField(help_text="Why the first check failed.")

    class Meta:
        ordering = ["-begin"]
        constraints = [
            # The one that a monitor's next success ends
            models.UniqueConstraint(
                fields=["monitor"], condition=Q(end=None), name="monitors_outage_open"
            )
        ]
        indexes = [
            # Outages of a monitor that reach into a range, for its uptime and its list
            models.Index(fields=["monitor", "begin"], name="monitors_outage_monitor")
        ]

    def __str__(self) -> str:
        return f"{self.monitor} down since {self.begin:%Y-%m-%d %H:%M}"

    @property
    def duration(self) -> timedelta:
        """How long it lasted, or has lasted so far."""
        return (self.end or timezone.now()) - self.begin


class Check(models.Model):
    """What one check of a monitor found. Durations are in ms.

    Partitioned by day; its primary key is (application_id, monitor_id, checked_at), which serves
    the list of a monitor's checks, newest first. Django is told one column of it.
    """

    partitioned_by = "checked_at"

    checked_at = models.DateTimeField(primary_key=True)
    application = models.ForeignKey(
        "applications.Application", models.DO_NOTHING, db_constraint=False, db_index=False
    )
    monitor = models.ForeignKey(Monitor, models.DO_NOTHING, db_constraint=False, db_index=False)
    failure = models.TextField(null=True, help_text="None where the target was up.")
    words = models.TextField()
    dns_ms = models.FloatField(null=True)
    connect_ms = models.FloatField(null=True)
    tls_ms = models.FloatField(null=True)
    first_byte_ms = models.FloatField(null=True)
    body_ms = models.FloatField(null=True)
    status = models.SmallIntegerField(null=True)
    address = models.GenericIPAddressField(null=True)
    certificate_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.words or "up"
