"""How often the message of an event came lately, and where its other events are."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from dashboard.list_addresses import ListAddresses
from dashboard.ranges import RANGES
from dashboard.sparks import Spark, spark
from events.models import Event
from events.records import EPOCH, moment_of
from stats import places
from stats.cover import HOUR, floor
from stats.finding import neighbours
from stats.places import Sought
from stats.rollups import digest
from stats.series import series_by_level

_DAY_HOURS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Addresses are those of lists of the message's events; ids those of single ones."""

    spark: Spark | None  # of seven days
    day: int
    week: int
    day_address: str
    week_address: str
    address: str
    first_address: str  # of the hour in which it was first seen
    older: UUID | None
    newer: UUID | None
    first_seen: datetime  # to the hour, where it is not the event itself
    last_seen: datetime
    newest: UUID


def course(event: Event, addresses: ListAddresses, now: datetime) -> Course:
    span = RANGES["7d"].span(now, timezone.get_current_timezone())
    series = series_by_level(
        event.application_id, span.since, span.until, span.interval, message=event.message
    )
    hours = [sum(column) for column in zip(*series.counts.values(), strict=True)]
    message = digest(event.message)
    sought = Sought(event.application_id, digest=message)
    older, newer = neighbours(event)
    newest = places.newest(sought) if newer else None
    first_hour = (older and places.oldest_hour(sought, EPOCH)) or floor(event.received_at, HOUR)
    return Course(
        spark=spark(series.counts),
        day=sum(hours[-_DAY_HOURS:]),
        week=sum(hours),
        day_address=addresses.lately("24h", message=message),
        week_address=addresses.lately("7d", message=message),
        address=addresses.by(message=message),
        older=older,
        newer=newer,
        first_address=addresses.within(first_hour, first_hour + HOUR, message=message),
        first_seen=first_hour if older else event.received_at,
        last_seen=moment_of(newest) if newest else event.received_at,
        newest=newest or event.pk,
    )
