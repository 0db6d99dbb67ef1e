"""How long a monitor's checks took over time, in the same parts of time as its bars. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise

from django.utils import timezone

from dashboard.charts import Chart, Series
from dashboard.wording import milliseconds
from monitors.response_times import Checks
from stats.buckets import Interval

_TONES = {50: "--info", 95: "--warning", 99: "--critical"}
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class StepChart(Chart):
    """Steps of equal length, which are no buckets of a calendar."""

    step: timedelta

    @cached_property
    def ends(self) -> list[datetime]:
        return [start + self.step for start in self.starts]

    @cached_property
    def titles(self) -> list[str]:
        local = [timezone.localtime(start) for start in self.starts]
        if self.step >= _DAY:
            return [f"{start:%a %-d %b %Y}" for start in local]
        return [f"{start:%a %-d %b %Y, %H:%M}" for start in local]

    def _ticks(self) -> list[str]:
        """Where days are several, the first step of each has a word."""
        local = [timezone.localtime(start) for start in self.starts]
        if local[-1] - local[0] < 1.5 * _DAY:
            return [f"{start:%H:%M}" for start in local]
        days = ["", *(f"{start:%-d %b}" for start in local)]
        return [day if day != before else "" for before, day in pairwise(days)]


def response_times(
    found: Sequence[tuple[datetime, Checks]], step: timedelta, now: datetime
) -> StepChart | None:
    """Percentiles of the checks that succeeded; None where none did."""
    if not any(checks.durations for _, checks in found):
        return None
    return StepChart(
        id="durations",
        title="Response times",
        starts=[start for start, _ in found],
        interval=Interval.MINUTE,
        until=now,
        step=step,
        is_lines=True,
        words=milliseconds,
        series=[
            Series(f"p{percent}", [each.percentile(percent) for _, each in found], tone=tone)
            for percent, tone in _TONES.items()
        ],
    )
