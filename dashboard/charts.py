"""Charts over time: one set of numbers for the canvas, which needs a script, and for the table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.utils import timezone

from events.records import LEVEL_NAMES
from stats.buckets import Interval, bucket_end
from stats.cover import DAY

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


_counted: Callable[[float], str] = "{:,}".format


@dataclass(frozen=True, slots=True)
class Series:
    """Values by bucket, drawn in the colour of a level or in the one named `tone` (tokens.css).

    Those of another period are drawn as a dashed line: `titles` are its own buckets', and `note`
    tells when it was.
    """

    label: str
    values: Sequence[float | None]
    level: int | None = None
    tone: str = ""
    titles: Sequence[str] = ()
    note: str = ""

    @property
    def is_of_another_period(self) -> bool:
        return bool(self.titles)


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Stacked bars over time, or lines; `words` tells their values.

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
    is_lines: bool = False
    words: Callable[[float], str] = _counted

    @property
    def script_id(self) -> str:
        return f"{self.id}-json"

    @property
    def leads_to(self) -> str:
        """The address of another page that a click on a bucket opens, as `zoom` does."""
        return ""

    @cached_property
    def ends(self) -> list[datetime]:
        if not self.starts:
            return []
        zone = timezone.get_current_timezone()
        return [*self.starts[1:], bucket_end(self.starts[-1], self.interval, zone)]

    @property
    def incomplete(self) -> bool:
        return bool(self.starts) and self.ends[-1] > self.until

    @property
    def total(self) -> float:
        counted = [one for one in self.series if not one.is_of_another_period]
        return sum(sum(value or 0 for value in one.values) for one in counted)

    @property
    def legend(self) -> list[Series]:
        """Series whose colours are not told elsewhere."""
        return [one for one in self.series if one.tone]

    def drawn(self) -> dict[str, Any]:
        """What `charts.js` draws."""
        return {
            "ticks": self._ticks(),
            "titles": self.titles,
            "starts": [start.isoformat() for start in self.starts],
            "ends": [end.isoformat() for end in self.ends],
            "incomplete": self.incomplete,
            "zoom": self.zoom,
            "leads_to": self.leads_to,
            "lines": self.is_lines,
            "series": [drawn(one, self.words) for one in self.series],
        }

    def rows(self) -> list[dict[str, Any]]:
        """What the table shows: the buckets that are not empty, newest first."""
        buckets = list(enumerate(zip(self.starts, self.ends, strict=True)))
        return [
            {
                "title": self.titles[place],
                "counts": ["" if value is None else self.words(value) for value in values],
                "zoom": self._zoomed(start, end),
                "incomplete": end > self.until,
            }
            for place, (start, end) in reversed(buckets)
            if any(values := [one.values[place] for one in self.series])
        ]

    def _ticks(self) -> list[str]:
        """Words below the axis; of hours of several days only the first one of each day has any."""
        starts = [timezone.localtime(start) for start in self.starts]
        if self.interval == Interval.HOUR and starts and starts[-1] - starts[0] > 1.5 * DAY:
            return [f"{start:%-d %b}" if start.hour == 0 else "" for start in starts]
        return [start.strftime(_TICK[self.interval]) for start in starts]

    @cached_property
    def titles(self) -> list[str]:
        return titles(self.starts, self.interval)

    def _zoomed(self, start: datetime, end: datetime) -> str:
        address = self.leads_to or ("" if self.interval == Interval.MINUTE else self.zoom)
        if not address:
            return ""
        part = f"since={start.astimezone(UTC):{_ISO}}&until={end.astimezone(UTC):{_ISO}}"
        return f"{address}{'&' if '?' in address else '?'}{part}"


def titles(starts: Sequence[datetime], interval: Interval) -> list[str]:
    """What buckets are called in full."""
    return [timezone.localtime(start).strftime(_TITLE[interval]) for start in starts]


def drawn(one: Series, words: Callable[[float], str]) -> dict[str, Any]:
    """A series as `charts.js` draws it; other than counts its values are told in words."""
    told: dict[str, Any] = {"label": one.label, "level": one.level, "values": list(one.values)}
    if one.tone:
        told["tone"] = one.tone
    if one.titles:
        told["titles"] = one.titles
    if words is not _counted:
        told["words"] = ["" if value is None else words(value) for value in one.values]
    return told


def by_level(counts: Mapping[int, Sequence[int]]) -> list[Series]:
    """A series for each level, the least severe first: it is drawn at the bottom."""
    return [
        Series(LEVEL_NAMES.get(level, str(level)), counts[level], level) for level in sorted(counts)
    ]
