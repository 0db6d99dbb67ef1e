"""How many messages a channel gets, and when: storms are told at once, quiet is kept. No I/O.

Never more than so many within any hour: what is more waits until there is room, and is told in one
message then. Nothing is dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)
# More at once are told together, even where there is room for each.
APART = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """How many of those that wait, oldest first, are sent now; or when to look again."""

    count: int = 0
    together: bool = False  # in one message
    later: datetime | None = None


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From a time of the day to another one, perhaps of the next day, in a zone."""

    begin: time
    end: time
    zone: ZoneInfo

    def until(self, moment: datetime) -> datetime | None:
        """When the quiet ends that a moment is within; None where it is within none."""
        local = moment.astimezone(self.zone)
        clock = local.time()
        if self.begin <= self.end:
            quiet, days = self.begin <= clock < self.end, 0
        else:
            quiet, days = clock >= self.begin or clock < self.end, int(clock >= self.begin)
        if not quiet:
            return None
        ends = datetime.combine(local.date() + timedelta(days=days), self.end, self.zone)
        # Where the clock is put back within it, the same time comes twice: the later one.
        return max(ends, ends.replace(fold=1), key=lambda each: each.timestamp())


def plan(
    now: datetime,
    waiting: int,
    sent: Sequence[datetime],
    most_per_hour: int,
    quiet: QuietHours | None = None,
) -> Plan:
    """What to do with so many that wait; `sent`: when messages were sent, in any order."""
    if not waiting:
        return Plan()
    if quiet and (until := quiet.until(now)):
        return Plan(later=until)
    recent = sorted(moment for moment in sent if moment > now - HOUR)
    room = most_per_hour - len(recent)
    if room <= 0:
        return Plan(later=recent[-most_per_hour] + HOUR)
    return Plan(waiting, together=waiting > min(room, APART))
