from datetime import datetime, timedelta
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform

from events.display import excerpt, visible
from events.fields import PackedJSONField
from events.records import LEVEL_NAMES, JsonReader, moment_of


def levels() -> list[tuple[int, str]]:
    return list(LEVEL_NAMES.items())


class EventQuerySet(models.QuerySet["Event"]):
    def of(self, application_id: int) -> "EventQuerySet":
        return self.filter(application_id=application_id)

    def newest_first(self) -> "EventQuerySet":
        """The primary key read backwards: no sort, and a page that fills early stops early."""
        return self.order_by("-received_at", "-id")

    def oldest_first(self) -> "EventQuerySet":
        return self.order_by("received_at", "id")

    def identified(self, identifier: UUID) -> "EventQuerySet":
        """The event of this id: a UUIDv7 tells its day, so one partition is looked at."""
        try:
            return self.filter(id=identifier, received_at=moment_of(identifier))
        except OverflowError:
            return self.none()

    def since(self, moment: datetime) -> "EventQuerySet":
        return self.filter(received_at__gte=moment)

    def until(self, moment: datetime) -> "EventQuerySet":
        return self.filter(received_at__lt=moment)

    def before(self, identifier: UUID) -> "EventQuerySet":
        """What comes after this event in the newest-first list, whether or not it still exists."""
        try:
            moment = moment_of(identifier)
            end = moment + timedelta(milliseconds=1)  # lets PostgreSQL start there
        except OverflowError:  # an id of our own making never is: everything comes after it
            return self.all()
        return self.filter(
            Q(received_at__lt=moment) | Q(received_at=moment, id__lt=identifier),
            received_at__lt=end,
        )

    def after(self, identifier: UUID) -> "EventQuerySet":
        """What comes before this event of ours in the newest-first list."""
        moment = moment_of(identifier)
        return self.filter(
            Q(received_at__gt=moment) | Q(received_at=moment, id__gt=identifier),
            received_at__gte=moment,
        )

    def saying(self, text: str) -> "EventQuerySet":
        """Events whose message contains the text, in any case."""
        return self.filter(message__icontains=text)

    def tagged(self, name: str, value: str) -> "EventQuerySet":
        """Events with this tag; a number or truth value is compared as it is written."""
        return self.alias(tag=KeyTextTransform(name, "tags")).filter(tag=value)


class SeenEventId(models.Model):
    """The ledger of senders' event ids: an id seen in the last two days is not stored again.

    Its primary key is (application_id, event_id, day); Django is told one column of it.
    """

    partitioned_by = "day"
    partitions_kept_days = 2

    event_id = models.UUIDField(primary_key=True)
    application = models.ForeignKey(
        "applications.Application", models.DO_NOTHING, db_constraint=False, db_index=False
    )
    day = models.DateField()
    stored_id = models.UUIDField(help_text="The id of the event that was stored for it.")

    def __str__(self) -> str:
        return str(self.event_id)


class Event(models.Model):
    """Something that happened in an application: a log line, an error, an exception.

    The table is partitioned by day and its primary key is (application_id, received_at, id), which
    serves the list and, through the time in the id, the look-up. Django is told that `id` alone is
    the key (it is unique by construction): the admin can't show models with composite keys.
    """

    partitioned_by = "received_at"

    id = models.UUIDField(primary_key=True, editable=False)
    application = models.ForeignKey(
        "applications.Application", models.DO_NOTHING, db_constraint=False, db_index=False
    )
    received_at = models.DateTimeField()
    occurred_at = models.DateTimeField()
    level = models.SmallIntegerField(choices=levels)
    message = models.TextField()
    stack = PackedJSONField(null=True, decoder=JsonReader)
    tags = models.JSONField(decoder=JsonReader)
    event_id = models.UUIDField(null=True)
    environment = models.TextField(null=True)
    release = models.TextField(null=True)
    server_name = models.TextField(null=True)
    logger = models.TextField(null=True)
    trace_id = models.TextField(null=True)
    user = models.JSONField(null=True, decoder=JsonReader)
    data = PackedJSONField(null=True, decoder=JsonReader)

    objects = EventQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.level_name} {visible(excerpt(self.message, 80))}"

    @property
    def level_name(self) -> str:
        return LEVEL_NAMES.get(self.level, str(self.level))
