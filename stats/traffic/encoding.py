"""Encodes requests into blocks of columns: an hour when it is over, a day when it is closed.

In the worker, from the requests themselves. What comes later makes a block old (`blocks.py`): it is
made anew then.
"""

from datetime import UTC, date, datetime, time

from loghandler import partitions
from stats.cover import DAY, HOUR, MINUTE, floor
from stats.traffic import blocks
from stats.traffic.blocks import Plan

LATE = 2 * MINUTE  # clients that send every minute are through with an hour by then


def encode_hours() -> bool:
    """Encode the hours of today and yesterday that are over and not whole."""
    now = datetime.now(UTC)
    since, until = floor(now, DAY) - DAY, floor(now - LATE, HOUR)
    plans = blocks.all_planned(since, until)
    if any(plan.open for plan in plans.values()):
        from stats.traffic import block_writing  # with numpy: where there is something to do

        partitions.ensure(since.date(), now.date())
        for application_id, plan in plans.items():
            for hour in plan.open:
                block_writing.write_hour(application_id, hour)
    return False


def encode_day(day: date) -> None:
    """Make the blocks of a day's hours one of the day, of each application that has none."""
    midnight = datetime.combine(day, time.min, UTC)
    for application_id, plan in blocks.all_planned(midnight, midnight + DAY).items():
        if not _is_whole(plan):
            from stats.traffic import block_writing

            block_writing.write_day(application_id, midnight)


def _is_whole(plan: Plan) -> bool:
    return not plan.open and all(part.hours == 24 for part in plan.parts)
