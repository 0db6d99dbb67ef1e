import secrets
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from monitors.targets import kinds
from monitors.verdicts import STATES, UNKNOWN

LEAST_SECONDS, MOST_SECONDS = 10, 86_400  # between two checks
_AROUND = timedelta(minutes=5)


def kind_choices() -> list[tuple[str, str]]:
    return list(kinds().items())


def state_choices() -> list[tuple[str, str]]:
    return [(state, state) for state in STATES]


class Monitor(models.Model):
    """Something that must be up: an address, a port, a certificate, or a job that calls.

    The columns from `due_at` on are the worker's (claiming.py, storing.py).
    """

    application = models.ForeignKey(
        "applications.Application", models.CASCADE, related_name="monitors", db_index=False
    )
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=9, choices=kind_choices)
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

    ping_key = models.UUIDField(
        null=True, unique=True, editable=False, help_text="A heartbeat's: whoever knows it calls."
    )
    awaited_from = models.DateTimeField(
        null=True, editable=False, help_text="A heartbeat's last success; at first, its making."
    )
    started_at = models.DateTimeField(null=True, editable=False, help_text="Where a job runs.")

    due_at = models.DateTimeField(
        default=timezone.now, null=True, editable=False, help_text="A heartbeat's: when it is late."
    )
    checked_at = models.DateTimeField(null=True, editable=False)
    state = models.CharField(max_length=11, choices=state_choices, default=UNKNOWN, editable=False)
    state_since = models.DateTimeField(null=True, editable=False)
    failed = models.PositiveIntegerField(default=0, editable=False, help_text="Checks in a row.")
    failing_since = models.DateTimeField(null=True, editable=False)
    failure = models.CharField(
        max_length=11, null=True, editable=False, help_text="Of the first check that failed."
    )
    words = models.TextField(default="", editable=False, help_text="Why it failed.")
    duration_ms = models.FloatField(null=True, editable=False, help_text="Of the last check.")
    certificate_until = models.DateTimeField(null=True, editable=False)

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

    def around(self, now: datetime) -> tuple[datetime, datetime]:
        """From a bit before it to a bit after: what led to it came before."""
        return self.begin - _AROUND, (self.end or now) + _AROUND

    @property
    def range_query(self) -> str:
        """The parameters of an address that shows what happened around it."""
        since, until = self.around(timezone.now())
        return urlencode({"since": since.isoformat(), "until": until.isoformat()})

    @property
    def duration(self) -> timedelta:
        """How long it lasted, or has lasted so far."""
        return (self.end or timezone.now()) - self.begin


class Pause(models.Model):
    """A time in which nobody watched a monitor, for a person wanted that."""

    application = models.ForeignKey("applications.Application", models.CASCADE, db_index=False)
    monitor = models.ForeignKey(Monitor, models.CASCADE, related_name="pauses")
    begin = models.DateTimeField()
    end = models.DateTimeField(null=True)

    class Meta:
        ordering = ["begin"]

    def __str__(self) -> str:
        return f"{self.monitor} paused since {self.begin:%Y-%m-%d %H:%M}"


class Maintenance(models.Model):
    """A window in which what fails is no outage: once, or again and again by a cron expression.

    What has begun is history, which uptime is computed from: it ends, and is not deleted.
    """

    application = models.ForeignKey(
        "applications.Application", models.CASCADE, related_name="maintenances"
    )
    name = models.CharField(max_length=100)
    monitors = models.ManyToManyField(
        Monitor, blank=True, related_name="maintenances", help_text="None: all of the application."
    )
    begin = models.DateTimeField(help_text="Of the window; of the first one that may come.")
    end = models.DateTimeField(null=True, blank=True, help_text="Of the window; of the last one.")
    cron = models.CharField(max_length=100, blank=True, help_text="When windows begin; or once.")
    zone = models.CharField(max_length=60, default="UTC", help_text="Of the cron expression.")
    minutes = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(7 * 1_440)],
        help_text="How long each window of the cron expression lasts.",
    )

    class Meta:
        ordering = ["-begin", "-pk"]

    def __str__(self) -> str:
        return self.name


def unguessable() -> str:
    return secrets.token_urlsafe(16)


class StatusPage(models.Model):
    """What everybody may see of an application's monitors: nothing, until somebody publishes it."""

    application = models.OneToOneField(
        "applications.Application", models.CASCADE, related_name="status_page", primary_key=True
    )
    public = models.BooleanField(default=False)
    address = models.SlugField(
        max_length=60, unique=True, default=unguessable, help_text="Its last word, after /status/."
    )
    title = models.CharField(max_length=100)
    monitors = models.ManyToManyField(Monitor, blank=True, help_text="Those that are shown.")
    durations = models.BooleanField(default=False, help_text="Whether response times are shown.")

    def __str__(self) -> str:
        return self.title


_STEPS = ("dns_ms", "connect_ms", "tls_ms", "first_byte_ms", "body_ms")


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
    output = models.TextField(null=True, help_text="What a job sent with its call.")

    def __str__(self) -> str:
        return self.words or "up"

    @property
    def duration_ms(self) -> float | None:
        """Of all steps; None where nothing was connected to."""
        if self.connect_ms is None:
            return None
        return sum(getattr(self, step) or 0.0 for step in _STEPS)


class HourOfChecks(models.Model):
    """The checks of a monitor within an hour that is over (hours.py).

    `buckets` are those of durations of the checks that succeeded (durations.py), ascending, and
    `counts` how many checks were in each. Django is told one column of the primary key, which is
    (application_id, monitor_id, hour).
    """

    partitioned_by = "hour"
    partitioned_by_month = True

    hour = models.DateTimeField(primary_key=True)
    application = models.ForeignKey(
        "applications.Application", models.DO_NOTHING, db_constraint=False, db_index=False
    )
    monitor = models.ForeignKey(Monitor, models.DO_NOTHING, db_constraint=False, db_index=False)
    checks = models.IntegerField()
    failures = models.IntegerField()
    buckets = ArrayField(models.SmallIntegerField())
    counts = ArrayField(models.IntegerField())

    def __str__(self) -> str:
        return f"{self.checks} checks, {self.failures} failed"
