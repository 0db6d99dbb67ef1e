"""How the page of an event or a request words its times. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone

_NOTABLE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time to the millisecond: in the viewer's zone, and the same in UTC."""

    iso: str
    words: str
    utc: str


def exact(moment: datetime) -> Moment:
    local = timezone.localtime(moment)
    utc = moment.astimezone(UTC)
    return Moment(
        local.isoformat(timespec="milliseconds"),
        f"{local:%-d %b %Y, %H:%M:%S.%f}"[:-3],
        f"{utc:%Y-%m-%d %H:%M:%S.%f}"[:-3] + " UTC",
    )


def delay(occurred_at: datetime, received_at: datetime) -> str:
    """How long after it occurred an event was received, in words; "" where that is soon."""
    late = received_at - occurred_at
    if abs(late) < _NOTABLE:
        return ""
    if late > timedelta():
        return f"{_length(late)} later"
    return f"{_length(-late)} earlier: the sender’s clock is ahead"


def _length(length: timedelta) -> str:
    seconds = length.total_seconds()
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
