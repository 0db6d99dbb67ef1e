"""Makes the rounds for what is unused: marks it, has its owners told, and ends it after a grace.

Nothing is noted on the way in: who sends with a key leaves the minute of it there anyway, and what
comes by other ways is in the rollups.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from applications import expiry, expiry_warnings
from applications.models import Application, Key
from loghandler.database_lock import claimed
from stats.totals import summaries
from stats.traffic.models import TrafficTotal

# Two at once would tell the owners twice.
LOCK = "loghandler.expiry"
_HOUR = timedelta(hours=1)


def carry_out() -> bool:
    """Make a round, unless another process makes one."""
    with claimed(LOCK) as alone:
        if alone:
            _make_round(timezone.now())
    return False


def _make_round(now: datetime) -> None:
    expiry.watch(now)
    expiry.unmark_used()
    before = expiry.unused_before(now)
    if before is None:
        return
    _mark(before)
    for thing in (*Application.objects.may_expire().due(now), *Key.objects.may_expire().due(now)):
        expiry.end(thing, now, before)
    expiry_warnings.warn(now)
    expiry_warnings.remind(now)


def _mark(before: datetime) -> None:
    idle = list(Application.objects.may_expire().with_last_use().filter(last_use__lt=before))
    arrived = _last_arrivals([application.pk for application in idle])
    for application in idle:
        last_use = max(application.last_use, arrived.get(application.pk, application.last_use))
        if last_use < before:
            expiry.mark(application, last_use)
        else:
            expiry.unmark(application)
    keys = Key.objects.may_expire().filter(unused_since=None).select_related("application")
    for key in keys.with_last_use().filter(last_use__lt=before):
        expiry.mark(key, key.last_use)


def _last_arrivals(application_ids: Sequence[int]) -> dict[int, datetime]:
    """When something was last received for each, as far as it is kept; requests to the hour."""
    if not application_ids:
        return {}
    events = summaries(application_ids)
    found = {id_: each.last_event_at for id_, each in events.items() if each.last_event_at}
    hours = TrafficTotal.objects.filter(application__in=application_ids).values("application_id")
    for id_, hour in hours.annotate(last=Max("hour")).values_list("application_id", "last"):
        end = hour + _HOUR
        found[id_] = max(found.get(id_, end), end)
    return found
