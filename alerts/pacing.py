"""How many messages a channel gets, and when: storms are told at once, quiet is kept. No I/O.

Never more than so many within any hour: what is more waits until there is room, and is told in one
message then. Nothing is dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
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
        today = moment.astimezone(self.zone).date()
        for day in (today - timedelta(days=1), today):
            begin, end = self._of(day)
            if begin <= moment < end:
                return end
        return None

    def _of(self, day: date) -> tuple[datetime, datetime]:
        """The quiet that begins on a day.

        Where clocks are put back within it, and the same time comes twice, it ends at the later
        one; a time that is left out is counted on from the hour before (RFC 5545, 3.3.5).
        """
        last = day + timedelta(days=int(self.end < self.begin))
        begin = datetime.combine(day, self.begin, self.zone)
        end = datetime.combine(last, self.end, self.zone)
        moments = (begin, end, end.replace(fold=1))
        first, *ends = (each.astimezone(UTC) for each in moments)
        return first, max(ends)


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
