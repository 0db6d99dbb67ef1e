from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from alerts import kinds
from alerts.records import BEGAN, DIGEST, ENDED, TEST

WAITING, SENDING, SENT, FAILED, TOGETHER = "waiting", "sending", "sent", "failed", "together"


def tells_choices() -> list[tuple[str, str]]:
    return [(each, each) for each in (BEGAN, ENDED, TEST, DIGEST)]


def state_choices() -> list[tuple[str, str]]:
    return [
        (WAITING, "waits"),
        (SENDING, "is being sent"),
        (SENT, "sent"),
        (FAILED, "failed"),
        (TOGETHER, "told in a digest"),
    ]


class Channel(models.Model):
    """Where alerts of an application are sent to."""

    application = models.ForeignKey(
        "applications.Application", models.CASCADE, related_name="channels", db_index=False
    )
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=kinds.channel_choices)
    address = models.JSONField(help_text="Its fields are the kind's.")
    most_per_hour = models.PositiveSmallIntegerField(
        default=20,
        validators=[MinValueValidator(1), MaxValueValidator(1_000)],
        help_text="What is more is told in one message.",
    )
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    zone = models.CharField(max_length=60, default="UTC", help_text="Of the quiet hours.")
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            # The application's list, too
            models.UniqueConstraint(
                fields=["application", "name"],
                name="alerts_channel_name",
                violation_error_message="The application has a channel of this name already.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        wrong = {}
        if self.zone not in available_timezones():
            wrong["zone"] = f"{self.zone[:50]} is no time zone such as Europe/Berlin."
        if (self.quiet_from is None) != (self.quiet_until is None):
            wrong["quiet_until"] = "Quiet hours have a beginning and an end."
        if wrong:
            raise ValidationError(wrong)


class Rule(models.Model):
    """What is to be told of an application, and by which channels."""

    application = models.ForeignKey(
        "applications.Application", models.CASCADE, related_name="rules", db_index=False
    )
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=kinds.condition_choices)
    condition = models.JSONField(help_text="Its fields are the kind's.")
    channels = models.ManyToManyField(Channel, blank=True, related_name="rules")
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    evaluated_until = models.DateTimeField(
        default=timezone.now, editable=False, help_text="What came before is evaluated."
    )

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            # The application's list, too
            models.UniqueConstraint(
                fields=["application", "name"],
                name="alerts_rule_name",
                violation_error_message="The application has a rule of this name already.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Alert(models.Model):
    """A rule's condition held, from `begin` to `end`; one that has no duration ends at once."""

    application = models.ForeignKey(
        "applications.Application", models.CASCADE, related_name="alerts", db_index=False
    )
    rule = models.ForeignKey(Rule, models.CASCADE, related_name="alerts", db_index=False)
    subject = models.CharField(max_length=100, help_text="Of what, such as outage:17.")
    begin = models.DateTimeField()
    end = models.DateTimeField(null=True)
    title = models.TextField()
    text = models.TextField()
    path = models.TextField(help_text="Of the page that tells more.")
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["-begin", "-pk"]
        constraints = [
            # Of one thing a rule tells once; the alert that is to end, too
            models.UniqueConstraint(
                fields=["rule", "subject"], condition=Q(end=None), name="alerts_alert_open"
            )
        ]
        indexes = [
            # The alerts of an application, newest first
            models.Index(fields=["application", "-begin"], name="alerts_alert_application"),
            # Whether a rule has told of this before
            models.Index(fields=["rule", "subject", "-begin"], name="alerts_alert_rule"),
        ]

    def __str__(self) -> str:
        return self.title


class Notification(models.Model):
    """One message to one channel: both the log of what was sent, and what is still to be."""

    application = models.ForeignKey("applications.Application", models.CASCADE, db_index=False)
    channel = models.ForeignKey(
        Channel, models.CASCADE, related_name="notifications", db_index=False
    )
    alert = models.ForeignKey(Alert, models.SET_NULL, null=True, related_name="notifications")
    tells = models.CharField(max_length=10, choices=tells_choices)
    title = models.TextField()
    text = models.TextField()
    path = models.TextField()
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=state_choices, default=WAITING)
    due_at = models.DateTimeField(default=timezone.now, help_text="It is not sent before.")
    attempts = models.PositiveSmallIntegerField(default=0)
    attempted_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    failure = models.TextField(default="", help_text="Why the last attempt failed.")
    # A worker was killed while it sent this, or nobody answered: it says so when it is sent again.
    maybe_sent = models.BooleanField(default=False)
    digest = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="together", help_text="That told it."
    )

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            # What a channel is still to send, oldest first
            models.Index(
                fields=["channel", "created_at"],
                condition=Q(state__in=["waiting", "sending"]),
                name="alerts_notification_waiting",
            ),
            # What a channel has sent within the last hour
            models.Index(fields=["channel", "-sent_at"], name="alerts_notification_sent"),
            # The log of an application, newest first
            models.Index(fields=["application", "-created_at"], name="alerts_notification_log"),
        ]

    def __str__(self) -> str:
        return self.title


class Watch(models.Model):
    """Up to when an application's messages are noted as seen; there is one where a rule asks."""

    application = models.OneToOneField(
        "applications.Application", models.CASCADE, primary_key=True, related_name="+"
    )
    seen_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"until {self.seen_until:%Y-%m-%d %H:%M}"


class SeenMessage(models.Model):
    """A message of an application with rules about messages, and the newest event that said it.

    Written and read by `seen.py`. Its primary key is (application_id, level, digest).
    """

    digest = models.UUIDField(primary_key=True, help_text="Half of the message's SHA-256.")
    application = models.ForeignKey(
        "applications.Application", models.DO_NOTHING, db_constraint=False, db_index=False
    )
    level = models.SmallIntegerField()
    last_id = models.UUIDField()

    def __str__(self) -> str:
        return str(self.digest)
