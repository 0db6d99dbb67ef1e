"""What has come of an application's sending: its newest event and request, and what was refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models.functions import Left
from django.utils import timezone

from applications.models import Application
from dashboard.wording import line
from events.models import Event
from ingest import refusal_log
from ingest.refusal_log import RefusedReason
from stats import places
from stats.places import Sought
from traffic.models import Request

_MESSAGE_CHARACTERS = 200
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
# Whoever waits for the first arrival is told within two seconds; whoever has one can wait.
WAITING_SECONDS, SEEN_SECONDS = 1, 5


@dataclass(frozen=True, slots=True)
class Arrival:
    """The newest event, as a line."""

    id: UUID
    level: int
    message: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class ArrivedRequest:
    """The newest request, as a line."""

    method: str
    path: str
    status: int
    received_at: datetime

    @property
    def status_class(self) -> int:
        return self.status // 100


@dataclass(frozen=True, slots=True)
class Arrivals:
    newest: Arrival | None
    newest_request: ArrivedRequest | None
    refused: Sequence[RefusedReason]  # of the last 24 hours, newest first

    @property
    def just_refused(self) -> RefusedReason | None:
        """The newest refusal, if it is of the last hour."""
        newest = next(iter(self.refused), None)
        return newest if newest and newest.last_seen > timezone.now() - _HOUR else None

    @property
    def seconds(self) -> int:
        """After which it is worth looking again."""
        return SEEN_SECONDS if self.last_at else WAITING_SECONDS

    @property
    def last_at(self) -> datetime | None:
        """When the newer of the two was received."""
        newest = [each.received_at for each in (self.newest, self.newest_request) if each]
        return max(newest, default=None)


def arrivals(application: Application) -> Arrivals:
    """What there is at the moment, in a constant number of queries."""
    refused = refusal_log.refused(application.pk, timezone.now() - _DAY)
    return Arrivals(_newest(application), _newest_request(application), refused)


def _newest(application: Application) -> Arrival | None:
    identifier = places.newest(Sought(application.pk))
    if identifier is None:
        return None
    found = Event.objects.of(application.pk).identified(identifier)
    # A message may be megabytes long, and is looked at again and again.
    start = Left("message", _MESSAGE_CHARACTERS + 1)
    rows = found.values_list("id", "level", start, "received_at")
    return next(
        (
            Arrival(id_, level, line(message, _MESSAGE_CHARACTERS), received_at)
            for id_, level, message, received_at in rows
        ),
        None,
    )


def _newest_request(application: Application) -> ArrivedRequest | None:
    found = Request.objects.of(application.pk).newest_first()
    row = found.values_list("method", "path", "status", "received_at").first()
    if row is None:
        return None
    method, path, status, received_at = row
    return ArrivedRequest(line(method, 16), line(path, _MESSAGE_CHARACTERS), status, received_at)
