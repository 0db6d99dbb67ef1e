"""Rollups of requests: what the traffic's figures are read from. Written by `rollups.py`.

Partitioned by day as the requests are; the sums of closed days, which `closing.py` makes of them,
by month. Their primary keys are the composite ones of the migration.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

COUNTERS = "fillfactor = 70"  # room for updates in place, as for events


class _Traffic(models.Model):
    partition_options: ClassVar[str] = COUNTERS

    application = models.ForeignKey(
        "applications.Application", models.DO_NOTHING, db_constraint=False, db_index=False
    )
    n = models.BigIntegerField()

    class Meta:
        abstract = True


class _Durations(_Traffic):
    """Requests of one status, how long they took and how large they were."""

    status = models.SmallIntegerField()
    request_bytes = models.BigIntegerField()
    response_bytes = models.BigIntegerField()
    durations = models.DecimalField(
        max_digits=6_000, decimal_places=0, help_text="A histogram, see traffic/histograms.py."
    )

    class Meta:
        abstract = True


class _Values(_Traffic):
    """Requests that have one value in one dimension: a country, a client, a user, …"""

    dimension = models.SmallIntegerField(help_text="See dimensions.py.")
    value = models.TextField()
    client_errors = models.BigIntegerField(help_text="Status 400 to 499.")
    server_errors = models.BigIntegerField(help_text="Status 500 and above.")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        abstract = True


class TrafficMinute(_Durations):
    """For as long as ranges mostly end here; minutes of longer ago are read from the requests.

    By the minute there are nearly as many rows as requests (docs/decisions/012-minutes-of-days.md).
    """

    partitioned_by = "minute"
    partitions_kept_days = 2

    minute = models.DateTimeField(primary_key=True)
    method = models.TextField()
    route = models.TextField()


class TrafficValueHour(_Values):
    partitioned_by = "hour"

    hour = models.DateTimeField(primary_key=True)


class TrafficHour(_Durations):
    partitioned_by = "hour"

    hour = models.DateTimeField(primary_key=True)
    method = models.TextField()
    route = models.TextField()


class TrafficTotal(_Durations):
    """An hour of all routes together."""

    partitioned_by = "hour"

    hour = models.DateTimeField(primary_key=True)


class _ByDay(models.Model):
    """Sums of a closed day (UTC), valid while the day is closed."""

    partitioned_by = "day"
    partitioned_by_month = True
    partition_options: ClassVar[str] = ""  # written once

    day = models.DateTimeField(primary_key=True)

    class Meta:
        abstract = True


class TrafficDay(_ByDay, _Durations):
    method = models.TextField()
    route = models.TextField()


class TrafficTotalDay(_ByDay, _Durations):
    """A day of all routes together."""

    quarters = ArrayField(
        models.BigIntegerField(), help_text="Requests by the end of each quarter of an hour."
    )


class TrafficValueDay(_ByDay, _Values):
    pass


class TrafficUsersDay(_ByDay):
    """The different users of a closed day."""

    application = models.ForeignKey(
        "applications.Application", models.DO_NOTHING, db_constraint=False, db_index=False
    )
    users = ArrayField(
        models.BigIntegerField(), null=True, help_text="Their hashes, while they are few."
    )
    sketch = models.BinaryField(null=True, help_text="See users.py.")


class TrafficColumn(models.Model):
    """A column of a block of requests: what figures under a filter are read from.

    See `column_blocks.py`, and `blocks.py` for when it is whole.
    """

    partitioned_by = "start"
    partition_options: ClassVar[str] = ""  # written once

    start = models.DateTimeField(primary_key=True)
    application = models.ForeignKey(
        "applications.Application", models.DO_NOTHING, db_constraint=False, db_index=False
    )
    n = models.IntegerField()
    number = models.SmallIntegerField(help_text="See columns.py.")
    hours = models.SmallIntegerField(help_text="How long the block is.")
    part = models.SmallIntegerField()
    width = models.SmallIntegerField(help_text="Bytes of a number.")
    numbers = models.BinaryField()
    dictionary = models.BinaryField(help_text="The values that the numbers stand for, in JSON.")


class ClosedTrafficDay(models.Model):
    """A day whose traffic is summed up; a write to that day opens it again."""

    day = models.DateField(primary_key=True)

    def __str__(self) -> str:
        return str(self.day)
