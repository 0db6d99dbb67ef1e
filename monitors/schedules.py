"""When a heartbeat is due: every so often, or by a cron expression in a time zone. No I/O.

A job calls its address when it is done, and may call it as it starts, and where it failed. It is
late once `grace` has passed since it was due, or since it started.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError


@dataclass(frozen=True, slots=True)
class Every:
    """Due a period after the last one."""

    period: timedelta

    def following(self, moment: datetime) -> datetime:
        return moment + self.period


@dataclass(frozen=True, slots=True)
class Cron:
    """Due as Debian's cron would start it, also on the days when clocks are put forward or back."""

    expression: str
    zone: ZoneInfo

    def following(self, moment: datetime) -> datetime:
        """The first time after a moment, in UTC."""
        times = CronSim(self.expression, moment.astimezone(self.zone))
        # In the hour that comes twice it begins with a time of the first one.
        return next(found for each in times if (found := each.astimezone(UTC)) > moment)


Schedule = Every | Cron

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def number_and_unit(seconds: int) -> tuple[int, str]:
    """A length in its largest whole unit: 7,200 seconds are 2 hours."""
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    return seconds // size, unit


def time_zone(name: str) -> ZoneInfo:
    """Raises ValueError for what is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name} is no time zone such as Europe/Berlin.") from error


def cron(expression: str, zone: str) -> Cron:
    """A schedule of five fields and a time zone. Raises ValueError that says what is wrong."""
    schedule = Cron(expression, time_zone(zone))
    try:
        schedule.following(datetime.now(UTC))
    except CronSimError as error:
        raise ValueError(f"{expression} is no cron expression: {error}.") from error
    except StopIteration as error:
        raise ValueError(f"{expression} never comes.") from error
    return schedule


def late_at(
    schedule: Schedule, grace: timedelta, *, done: datetime, started: datetime | None = None
) -> datetime:
    """From when on a job is late that was last done, or began to be awaited, at `done`.

    `started`: since when it is running, where it told so and has not told its end.
    """
    late = schedule.following(done) + grace
    return late if started is None or started <= done else min(late, started + grace)
