from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from events.records import moment_of


def privacy_levels() -> list[tuple[int, str]]:
    return [
        (0, "keep addresses"),
        (1, "use an address for its country, then drop it"),
        (2, "never look at an address"),
    ]


class Policy(models.Model):
    """What is kept of an application's requests, and how they are read."""

    application = models.OneToOneField(
        "applications.Application", models.CASCADE, related_name="traffic_policy", primary_key=True
    )
    least_privacy = models.PositiveSmallIntegerField(
        default=0,
        choices=privacy_levels,
        help_text="What senders can't go below, whatever they declare.",
    )
    keep_query_values = models.BooleanField(
        default=False, help_text="Keep the values in query strings; without, only their names."
    )
    templates = ArrayField(
        models.CharField(max_length=255),
        default=list,
        blank=True,
        help_text="Routes that win over what is inferred, such as /files/* or /tags/{tag}.",
    )
    apdex_ms = models.PositiveIntegerField(
        default=500, help_text="How long a request may take to satisfy its user, in ms."
    )
    apdex_ms_by_route = models.JSONField(default=dict, blank=True)
    # What pages leave out of their figures, though it is stored and counted: see `exclusions.py`.
    hidden_routes = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    leave_out_health_checks = models.BooleanField(default=False)
    leave_out_not_found = models.BooleanField(default=False)
    leave_out_bots = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"traffic of {self.application}"


class SavedView(models.Model):
    """The traffic page as somebody left it, for everybody who sees the application."""

    application = models.ForeignKey("applications.Application", models.CASCADE)
    name = models.CharField(max_length=60)
    query = models.TextField(help_text="The page's address from its question mark on.")

    class Meta:
        ordering = ["name"]
        constraints = [
            # The views of a page, by name.
            models.UniqueConstraint(fields=["application", "name"], name="traffic_view_named_once"),
        ]

    def __str__(self) -> str:
        return self.name


class LearnedPlace(models.Model):
    """A place in paths below which every part is a value: see `routes.py`."""

    application = models.ForeignKey("applications.Application", models.CASCADE)
    place = models.CharField(max_length=500)
    learned_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "place"], name="traffic_learned_once"),
        ]

    def __str__(self) -> str:
        return self.place


class DailySalt(models.Model):
    """What a day's users without a name are hashed with; once it is gone nobody can undo it."""

    day = models.DateField(primary_key=True)
    salt = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return str(self.day)


class WantedDeletion(models.Model):
    """Requests that the worker is to delete: those of which all that is given is true."""

    application = models.ForeignKey("applications.Application", models.CASCADE)
    before = models.DateTimeField(help_text="Those that occurred earlier.")
    user = models.TextField(null=True)
    ip_address = models.GenericIPAddressField(null=True)
    wanted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"requests of {self.application}"


class SeenRequestId(models.Model):
    """The ledger of senders' ids, see `SeenEventId`."""

    partitioned_by = "day"
    partitions_kept_days = 2

    request_id = models.UUIDField(primary_key=True)
    application = models.ForeignKey(
        "applications.Application", models.DO_NOTHING, db_constraint=False, db_index=False
    )
    day = models.DateField()
    stored_id = models.UUIDField(help_text="The id of the request that was stored for it.")

    def __str__(self) -> str:
        return str(self.request_id)


class UserAgent(models.Model):
    """The text of a user agent that requests of a month name by its number."""

    partitioned_by = "month"
    partitioned_by_month = True

    number = models.BigIntegerField(primary_key=True, help_text="Half of half its SHA-256.")
    application = models.ForeignKey(
        "applications.Application", models.DO_NOTHING, db_constraint=False, db_index=False
    )
    month = models.DateField()
    text = models.TextField()

    def __str__(self) -> str:
        return self.text


class RequestQuerySet(models.QuerySet["Request"]):
    def of(self, application_id: int) -> "RequestQuerySet":
        return self.filter(application_id=application_id)

    def newest_first(self) -> "RequestQuerySet":
        """The primary key read backwards."""
        return self.order_by("-occurred_at", "-id")

    def oldest_first(self) -> "RequestQuerySet":
        return self.order_by("occurred_at", "id")

    def identified(self, identifier: UUID) -> "RequestQuerySet":
        """The request of this id: a UUIDv7 tells its day, so one partition is looked at."""
        try:
            return self.filter(id=identifier, occurred_at=moment_of(identifier))
        except OverflowError:
            return self.none()

    def since(self, moment: datetime) -> "RequestQuerySet":
        return self.filter(occurred_at__gte=moment)

    def until(self, moment: datetime) -> "RequestQuerySet":
        return self.filter(occurred_at__lt=moment)

    def before(self, identifier: UUID) -> "RequestQuerySet":
        """What comes after it in the newest-first list, whether or not it still exists."""
        try:
            moment = moment_of(identifier)
            end = moment + timedelta(milliseconds=1)  # lets PostgreSQL start there
        except OverflowError:
            return self.all()
        return self.filter(
            Q(occurred_at__lt=moment) | Q(occurred_at=moment, id__lt=identifier),
            occurred_at__lt=end,
        )

    def after(self, identifier: UUID) -> "RequestQuerySet":
        """What comes before this request of ours in the newest-first list."""
        moment = moment_of(identifier)
        return self.filter(
            Q(occurred_at__gt=moment) | Q(occurred_at=moment, id__gt=identifier),
            occurred_at__gte=moment,
        )


class Request(models.Model):
    """A request that a service has answered.

    Partitioned by the day on which it occurred, and found as events are: by the primary key
    (application_id, occurred_at, id), and by the time in the id.
    """

    partitioned_by = "occurred_at"

    id = models.UUIDField(primary_key=True, editable=False)
    application = models.ForeignKey(
        "applications.Application", models.DO_NOTHING, db_constraint=False, db_index=False
    )
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    request_id = models.UUIDField(null=True)
    event_id = models.UUIDField(null=True)
    agent = models.BigIntegerField(null=True)
    request_bytes = models.BigIntegerField(null=True)
    response_bytes = models.BigIntegerField(null=True)
    duration_ms = models.FloatField()
    status = models.SmallIntegerField()
    bucket = models.SmallIntegerField()
    method = models.TextField()
    route = models.TextField()
    path = models.TextField()
    hostname = models.TextField(null=True)
    version = models.TextField(null=True)
    framework = models.TextField(null=True)
    release = models.TextField(null=True)
    environment = models.TextField(null=True)
    referrer = models.TextField(null=True)
    country = models.TextField(null=True)
    client = models.TextField(null=True)
    system = models.TextField(null=True)
    device = models.TextField(null=True)
    user = models.TextField(null=True)
    trace_id = models.TextField(null=True)
    ip_address = models.GenericIPAddressField(null=True)

    objects = RequestQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"
