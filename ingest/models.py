"""What ingestion refused, for the owners of applications to see (refusal_log.py)."""

from datetime import datetime
from http import HTTPStatus

from django.db import models

from stats.cover import HOUR, floor


def statuses() -> list[tuple[int, str]]:
    """The statuses that a sender can be refused with."""
    return [
        (status.value, f"{status.value} {status.phrase}")
        for status in HTTPStatus
        if status in {400, 401, 403, 404, 413, 415, 429, 503}
    ]


class RefusalCountQuerySet(models.QuerySet["RefusalCount"]):
    def of(self, application_id: int) -> "RefusalCountQuerySet":
        return self.filter(application_id=application_id)

    def since(self, moment: datetime) -> "RefusalCountQuerySet":
        """Counts that grew since then; the hour of that moment is counted whole."""
        return self.filter(hour__gte=floor(moment, HOUR), last_seen__gte=moment)


class RefusalCount(models.Model):
    """Refusals of one application for one reason in one hour; its texts are of the newest.

    Its primary key is (application_id, hour, digest); Django is told one column of it.
    """

    partitioned_by = "hour"
    partition_options = "fillfactor = 70"  # updated in place: see stats/models.py

    digest = models.UUIDField(primary_key=True, help_text="Of the status and the reason.")
    application = models.ForeignKey(
        "applications.Application", models.DO_NOTHING, db_constraint=False, db_index=False
    )
    hour = models.DateTimeField()
    status = models.SmallIntegerField(choices=statuses)
    n = models.BigIntegerField("count")
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    reason = models.TextField()
    key_prefix = models.TextField("key", help_text="First digits of the key that was sent.")
    client = models.TextField(help_text="What the sender calls itself: its User-Agent.")

    objects = RefusalCountQuerySet.as_manager()

    class Meta:
        verbose_name = "refusal"
        indexes = [
            # The admin's list, newest first, which is of all applications.
            models.Index(fields=["hour"], name="ingest_refusalcount_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.reason}"
