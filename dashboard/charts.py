"""Charts over time: one set of numbers for the canvas, which needs a script, and for the table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.utils import timezone

from events.records import LEVEL_NAMES
from stats.buckets import Interval, bucket_starts
from stats.cover import DAY, HOUR, MINUTE

# strftime of a bucket's start: below the axis, and in full.
_TICK = {
    Interval.MINUTE: "%H:%M",
    Interval.HOUR: "%H:%M",
    Interval.DAY: "%-d %b",
    Interval.WEEK: "%-d %b",
    Interval.MONTH: "%b %Y",
}
_TITLE = {
    Interval.MINUTE: "%a %-d %b %Y, %H:%M",
    Interval.HOUR: "%a %-d %b %Y, %H:%M",
    Interval.DAY: "%a %-d %b %Y",
    Interval.WEEK: "week from %-d %b %Y",
    Interval.MONTH: "%B %Y",
}
_ISO = "%Y-%m-%dT%H:%M:%SZ"  # needs no quoting in an address
# About as long as each is.
_LENGTH = {
    Interval.MINUTE: MINUTE,
    Interval.HOUR: HOUR,
    Interval.DAY: DAY,
    Interval.WEEK: 7 * DAY,
    Interval.MONTH: 30 * DAY,
}


@dataclass(frozen=True, slots=True)
class Series:
    """Counts by bucket; those of a level are drawn in its colour."""

    label: str
    values: Sequence[int]
    level: int | None = None


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Stacked bars over time.

    `until` is the end of what was counted: a last bucket that goes on after it is marked as
    incomplete. `zoom` is the address of the page that a part of the chart opens; `since` and
    `until` are added to it.
    """

    id: str
    title: str
    starts: Sequence[datetime]
    interval: Interval
    until: datetime
    series: Sequence[Series]
    zoom: str = ""

    @property
    def script_id(self) -> str:
        return f"{self.id}-json"

    @cached_property
    def ends(self) -> list[datetime]:
        if not self.starts:
            return []
        last = self.starts[-1]
        zone = timezone.get_current_timezone()
        after = bucket_starts(last, last + 1.2 * _LENGTH[self.interval], self.interval, zone)
        return [*self.starts[1:], after[1]]

    @property
    def incomplete(self) -> bool:
        return bool(self.starts) and self.ends[-1] > self.until

    @property
    def total(self) -> int:
        return sum(sum(one.values) for one in self.series)

    def drawn(self) -> dict[str, Any]:
        """What `charts.js` draws."""
        return {
            "ticks": self._ticks(),
            "titles": self._titles,
            "starts": [start.isoformat() for start in self.starts],
            "ends": [end.isoformat() for end in self.ends],
            "incomplete": self.incomplete,
            "zoom": self.zoom,
            "series": [
                {"label": one.label, "level": one.level, "values": list(one.values)}
                for one in self.series
            ],
        }

    def rows(self) -> list[dict[str, Any]]:
        """What the table shows: the buckets that are not empty, newest first."""
        buckets = list(enumerate(zip(self.starts, self.ends, strict=True)))
        return [
            {
                "title": self._titles[place],
                "counts": [f"{count:,}" for count in counts],
                "zoom": self._zoomed(start, end),
                "incomplete": end > self.until,
            }
            for place, (start, end) in reversed(buckets)
            if any(counts := [one.values[place] for one in self.series])
        ]

    def _ticks(self) -> list[str]:
        """Words below the axis; of hours of several days only the first one of each day has any."""
        starts = [timezone.localtime(start) for start in self.starts]
        if self.interval == Interval.HOUR and starts and starts[-1] - starts[0] > 1.5 * DAY:
            return [f"{start:%-d %b}" if start.hour == 0 else "" for start in starts]
        return [start.strftime(_TICK[self.interval]) for start in starts]

    @cached_property
    def _titles(self) -> list[str]:
        words = _TITLE[self.interval]
        return [timezone.localtime(start).strftime(words) for start in self.starts]

    def _zoomed(self, start: datetime, end: datetime) -> str:
        if not self.zoom or self.interval == Interval.MINUTE:
            return ""
        part = f"since={start.astimezone(UTC):{_ISO}}&until={end.astimezone(UTC):{_ISO}}"
        return f"{self.zoom}{'&' if '?' in self.zoom else '?'}{part}"


def by_level(counts: Mapping[int, Sequence[int]]) -> list[Series]:
    """A series for each level, the least severe first: it is drawn at the bottom."""
    return [
        Series(LEVEL_NAMES.get(level, str(level)), counts[level], level) for level in sorted(counts)
    ]
