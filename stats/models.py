"""Rollups: what the statistics are read from. Written by `rollups.py` beside every event.

Each is partitioned by day as the events are, and dropped with them. Their primary keys are the
composite ones of the migration; Django is told one column, as for events.
"""

from typing import ClassVar

from django.db import models

from events.models import levels


class _Count(models.Model):
    # Counters are updated in place all hour long: room in the page keeps those updates off the
    # index (HOT) and the table from growing.
    partition_options: ClassVar[str] = "fillfactor = 70"

    application = models.ForeignKey(
        "applications.Application", models.DO_NOTHING, db_constraint=False, db_index=False
    )
    level = models.SmallIntegerField(choices=levels)
    n = models.BigIntegerField()

    class Meta:
        abstract = True


class MessageCount(_Count):
    """Events of one message and level in one hour. The text is in the event `last_id`."""

    partitioned_by = "hour"

    hour = models.DateTimeField(primary_key=True)
    digest = models.UUIDField(help_text="Half of the message's SHA-256.")
    last_id = models.UUIDField(help_text="The newest such event; its id tells when.")


class MinuteCount(_Count):
    """Events of one level in one minute: series by minute, and the ends of a range."""

    partitioned_by = "minute"

    minute = models.DateTimeField(primary_key=True)


class HourCount(_Count):
    """Events of one level in one hour: everything longer than a few minutes."""

    partitioned_by = "hour"

    hour = models.DateTimeField(primary_key=True)
    last_id = models.UUIDField(help_text="The newest such event; its id tells when.")
