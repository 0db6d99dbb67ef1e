"""The salts of days, shared by all processes; see `privacy.anonymous_user`."""

import os
from datetime import date, timedelta

from traffic.models import DailySalt
from traffic.privacy import salted_by_the_day

KEPT_DAYS = 1  # besides today: what comes late is still of its day
_MOST = 16

_known: dict[date, bytes] = {}


def salt(day: date, *, received: date) -> bytes:
    """The salt of a day. That of one whose salt is gone is made up, and not shared or kept."""
    found = _known.get(day)
    if found is None:
        if len(_known) >= _MOST:
            _known.clear()
        found = _known[day] = _stored(day) if salted_by_the_day(day, received) else os.urandom(32)
    return found


def _stored(day: date) -> bytes:
    row, _ = DailySalt.objects.get_or_create(day=day, defaults={"salt": os.urandom(32)})
    return bytes(row.salt)


def forget_old(today: date) -> None:
    """Delete the salts of days past: from then on their users can't be told again."""
    first = today - timedelta(days=KEPT_DAYS)
    DailySalt.objects.filter(day__lt=first).delete()
    for day in [day for day in _known if day < first]:
        _known.pop(day, None)


def forget_all() -> None:
    """Forget what is remembered, so that the next request of each day asks the database."""
    _known.clear()
