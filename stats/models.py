"""Rollups: what the statistics are read from. Written by `rollups.py` beside every event.

Each is partitioned by day as the events are, and dropped with them; the sums of closed days, which
`closing.py` makes of them, by month. Their primary keys are the composite ones of the migrations;
Django is told one column, as for events.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from events.models import levels
from stats.traffic.models import (
    ClosedTrafficDay,
    TrafficColumn,
    TrafficDay,
    TrafficHour,
    TrafficMinute,
    TrafficTotal,
    TrafficTotalDay,
    TrafficUsersDay,
    TrafficValueDay,
    TrafficValueHour,
)

__all__ = [
    "ClosedDay",
    "ClosedTrafficDay",
    "DayCount",
    "HourCount",
    "MessageCount",
    "MessageDayCount",
    "MinuteCount",
    "TrafficColumn",
    "TrafficDay",
    "TrafficHour",
    "TrafficMinute",
    "TrafficTotal",
    "TrafficTotalDay",
    "TrafficUsersDay",
    "TrafficValueDay",
    "TrafficValueHour",
]


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


class _DayCount(_Count):
    """Sums of a closed day (UTC): what long ranges are read from, instead of its hours.

    Made by `closing.py` when a day is over, and valid while the day is closed.
    """

    partitioned_by = "day"
    partitioned_by_month = True  # planning ninety tables took longer than reading them
    partition_options = ""  # written once

    day = models.DateTimeField(primary_key=True)
    last_id = models.UUIDField(help_text="The newest such event; its id tells when.")
    hours = ArrayField(
        models.IntegerField(),
        help_text="Events by the end of each hour: what lies between two is their difference.",
    )

    class Meta:
        abstract = True


class MessageDayCount(_DayCount):
    """Events of one message and level in one closed day."""

    digest = models.UUIDField(help_text="Half of the message's SHA-256.")


class DayCount(_DayCount):
    """Events of one level in one closed day."""

    quarters = ArrayField(
        models.BigIntegerField(), help_text="Events by the end of each quarter of an hour."
    )


class ClosedDay(models.Model):
    """A day whose messages are summed up; a write to that day opens it again."""

    day = models.DateField(primary_key=True)

    def __str__(self) -> str:
        return str(self.day)
