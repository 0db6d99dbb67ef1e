from django.db import models


class JobFailure(models.Model):
    """Why a job's last attempt failed: procrastinate itself remembers only that it did."""

    job_id = models.BigIntegerField(primary_key=True, help_text="Of procrastinate's job.")
    task = models.CharField(max_length=128)
    at = models.DateTimeField()
    words = models.TextField()

    class Meta:
        ordering = ["-at"]
        indexes = [
            # The last ones, for the operator; those of yesterday, to be forgotten
            models.Index(fields=["at"], name="loghandler_jobfailure_at")
        ]

    def __str__(self) -> str:
        return f"{self.task}: {self.words}"
