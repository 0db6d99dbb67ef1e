"""What a deletion would take, told before it is done."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from applications.models import Application
from events.records import EPOCH
from stats.retention import kept_since
from stats.series import by_level


@dataclass(frozen=True, slots=True)
class Loss:
    """The events that were received before a moment."""

    before: datetime
    count: int


def loss_before(application: Application, moment: datetime) -> Loss:
    return Loss(moment, sum(each.count for each in by_level(application.pk, EPOCH, moment)))


def loss_by_keeping(application: Application, days: int | None) -> Loss:
    """What is lost where an application keeps its events for so many days."""
    return loss_before(application, kept_since(days, timezone.now()))
