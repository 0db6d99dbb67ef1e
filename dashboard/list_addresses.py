"""Addresses of an application's events or requests, filtered by what one of them has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from dashboard.ranges import DEFAULT, RANGES
from events.models import Event
from traffic.models import Request

_AROUND = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class ListAddresses:
    """`range` is one in which the event lies: a list without it would surprise."""

    path: str
    range: Mapping[str, str] = field(default_factory=dict)

    def by(self, **filters: object) -> str:
        return self.path + _query({**filters, **self.range})

    def lately(self, range_name: str, **filters: object) -> str:
        """In this range, wherever the event lies."""
        return self.path + _query({**filters, **_ranged(range_name)})

    def within(self, since: datetime, until: datetime, **filters: object) -> str:
        return self.path + _query({**filters, **_custom(since, until)})


def list_addresses(event: Event, now: datetime) -> ListAddresses:
    path = reverse("dashboard:application", args=[event.application_id])
    return ListAddresses(path, range_with(event.received_at, now))


def traffic_addresses(request: Request, now: datetime) -> ListAddresses:
    path = reverse("dashboard:traffic", args=[request.application_id])
    return ListAddresses(path, range_with(request.occurred_at, now))


def range_with(moment: datetime, now: datetime) -> dict[str, str]:
    """The parameters of the shortest range that has the moment in it."""
    zone = timezone.get_current_timezone()
    for name in ("24h", "7d", "30d", "90d"):
        if RANGES[name].span(now, zone).since <= moment:
            return _ranged(name)
    return _custom(moment - _AROUND, moment + _AROUND)


def _custom(since: datetime, until: datetime) -> dict[str, str]:
    return {"since": since.isoformat(), "until": until.isoformat()}


def _ranged(name: str) -> dict[str, str]:
    return {} if name == DEFAULT else {"range": name}


def _query(parameters: Mapping[str, object]) -> str:
    return f"?{urlencode(parameters)}" if parameters else ""
