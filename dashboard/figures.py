"""The figures of an application's page: tiles, the chart of the chosen one, levels, messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from applications.models import Application
from dashboard.charts import Chart, Series
from dashboard.charts import by_level as level_series
from dashboard.selection import ERROR, FIGURES, Selection
from dashboard.sparks import Spark, spark
from dashboard.wording import Trend, trend
from events.records import LEVELS
from stats.buckets import Interval
from stats.messages import distinct_messages, distinct_messages_series, message_sparklines
from stats.rankings import RankedMessage, top_messages
from stats.series import LevelSeries, active_series, by_level, series_by_level

MOST_MESSAGES = 10
_SPARK_LEVEL = LEVELS["INFO"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A figure against the one of the period before; a click on it selects its chart."""

    name: str
    label: str
    count: int | None = None
    moment: datetime | None = None
    text: str = ""  # of what is neither
    trend: Trend | None
    tone: str = ""  # "worse" or "better", where more is not neutral
    address: str  # "" where it has no chart
    chosen: bool


@dataclass(frozen=True, slots=True)
class LevelRow:
    level: int
    count: int
    width: float  # percent of the most frequent level
    address: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class MessageRow:
    text: str
    count: int
    share: float  # percent of all events
    width: float  # percent of the most frequent message
    last_seen: datetime
    spark: Spark | None
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All that an application's page tells above its list of events."""

    tiles: Sequence[Tile]
    chart: Chart
    levels: Sequence[LevelRow]
    messages: Sequence[MessageRow]


def figures(
    application: Application, selection: Selection, message: str | None, last_seen: datetime | None
) -> Figures:
    """The figures of the selected range, levels and message; other filters are of the list only.

    `message` is the text of the selected message.
    """
    counted = _Counted(application, selection, message)
    return Figures(
        tiles=counted.tiles(last_seen),
        chart=counted.chart(),
        levels=counted.level_rows(),
        messages=counted.message_rows(),
    )


class _Counted:
    """What was counted for one page."""

    def __init__(self, application: Application, selection: Selection, message: str | None) -> None:
        self.id = application.pk
        self.selection = selection
        self.span = selection.span
        self.message = message
        self.zone = timezone.get_current_timezone()
        self.of_all_levels = self._series()
        self.comparable = self.span.before[0] >= self.span.now - keeping(application)

    def _series(self) -> LevelSeries:
        return series_by_level(
            self.id,
            self.span.since,
            self.span.until,
            self.span.interval,
            zone=self.zone,
            message=self.message,
        )

    @property
    def counts(self) -> dict[int, list[int]]:
        """Of the chosen levels."""
        return {n: c for n, c in self.of_all_levels.counts.items() if self.selection.counts(n)}

    @property
    def total(self) -> int:
        return sum(map(sum, self.counts.values()))

    # --- Tiles -----------------------------------------------------------------------------

    def tiles(self, last_seen: datetime | None) -> list[Tile]:
        before = self._before()
        errors = sum(sum(n) for level, n in self.counts.items() if level >= ERROR)
        errors_before = sum(n for level, n in before.items() if level >= ERROR)
        found = [
            self._tile("events", self.total, sum(before.values())),
            self._tile("errors", errors, errors_before, bad=True),
        ]
        if self.message is None:
            found.append(self._tile("messages", *self._distinct()))
        return [*found, self._seen_tile(last_seen)]

    def _before(self) -> dict[int, int]:
        if not self.comparable:
            return {}
        levels = self.selection.counted_levels
        counts = by_level(self.id, *self.span.before, levels=levels, message=self.message)
        return {one.level: one.count for one in counts}

    def _distinct(self) -> tuple[int, int]:
        levels = self.selection.counted_levels
        now = distinct_messages(self.id, self.span.since, self.span.until, levels=levels)
        if not self.comparable:
            return now, 0
        return now, distinct_messages(self.id, *self.span.before, levels=levels)

    def _tile(self, name: str, count: int, before: int, *, bad: bool = False) -> Tile:
        against = trend(count, before) if self.comparable else None
        tones = {"up": "worse", "down": "better"} if bad else {}
        return Tile(
            name=name,
            label=FIGURES[name],
            count=count,
            trend=against,
            tone=tones.get(against.direction, "") if against else "",
            address=self.selection.shown(name),
            chosen=self.selection.figure == name,
        )

    def _seen_tile(self, last_seen: datetime | None) -> Tile:
        """When the last event was received; the trend is of the time in which there were some."""
        against = None
        if self.message is None and self.comparable:
            against = trend(sum(self._active_now), sum(self._active(*self.span.before)))
        return Tile(
            name="seen",
            label=FIGURES["seen"],
            moment=last_seen,
            trend=against,
            address="" if self.message is not None else self.selection.shown("seen"),
            chosen=self.selection.figure == "seen" and self.message is None,
        )

    @cached_property
    def _active_now(self) -> list[int]:
        return self._active(self.span.since, self.span.until)

    def _active(self, since: datetime, until: datetime) -> list[int]:
        """Minutes with events, or hours in longer buckets, which are counted faster."""
        is_drawn = self.selection.figure == "seen"
        interval = self.span.interval if is_drawn else self.span.spark or self.span.interval
        levels = self.selection.counted_levels
        return active_series(self.id, since, until, interval, zone=self.zone, levels=levels)

    # --- Chart -----------------------------------------------------------------------------

    def chart(self) -> Chart:
        title, series = self._drawn()
        return Chart(
            id="course",
            title=f"{title} by {self.span.interval.lower()}",
            starts=self.of_all_levels.starts,
            interval=self.span.interval,
            until=self.span.end,
            series=series,
            zoom=self.selection.unzoomed,
        )

    def _drawn(self) -> tuple[str, list[Series]]:
        match self.selection.figure:
            case "errors":
                errors = {n: c for n, c in self.counts.items() if n >= ERROR}
                return "Errors", level_series(errors)
            case "messages" if self.message is None:
                counts = distinct_messages_series(
                    self.id,
                    self.span.since,
                    self.span.until,
                    self.span.interval,
                    zone=self.zone,
                    levels=self.selection.counted_levels,
                )
                return FIGURES["messages"], [Series(FIGURES["messages"], counts)]
            case "seen" if self.message is None:
                unit = "Minutes" if self.span.interval in _SHORT else "Hours"
                label = f"{unit} with events"
                return label, [Series(label, self._active_now)]
        return "Events", level_series(self.counts)

    # --- Levels and messages -----------------------------------------------------------------

    def level_rows(self) -> list[LevelRow]:
        """All levels that occur: where some are chosen, the others are a click away."""
        totals = {level: sum(counts) for level, counts in self.of_all_levels.counts.items()}
        most = max(totals.values(), default=0)
        chosen = self.selection.levels
        return [
            LevelRow(level, n, _percent(n, most), self.selection.toggled(level), level in chosen)
            for level, n in sorted(totals.items(), reverse=True)
        ]

    def message_rows(self) -> list[MessageRow]:
        if self.message is not None:
            return []
        ranked = top_messages(
            self.id,
            self.span.since,
            self.span.until,
            limit=MOST_MESSAGES,
            levels=self.selection.counted_levels,
        )
        sparks = self._sparks([one.digest for one in ranked])
        most = max((one.count for one in ranked), default=0)
        return [self._message_row(one, most, sparks.get(one.digest)) for one in ranked]

    def _message_row(self, one: RankedMessage, most: int, course: Spark | None) -> MessageRow:
        return MessageRow(
            text=one.message,
            count=one.count,
            share=_percent(one.count, self.total),
            width=_percent(one.count, most),
            last_seen=one.last_seen,
            spark=course,
            address=self.selection.address(message=one.digest),
        )

    def _sparks(self, digests: list[UUID]) -> dict[UUID, Spark | None]:
        if self.span.spark is None or not digests:
            return {}
        courses = message_sparklines(
            self.id,
            digests,
            self.span.since,
            self.span.until,
            self.span.spark,
            zone=self.zone,
            levels=self.selection.counted_levels,
        )
        return {digest: spark({_SPARK_LEVEL: course}) for digest, course in courses.items()}


_SHORT = {Interval.MINUTE, Interval.HOUR}


def keeping(application: Application) -> timedelta:
    """How long the application's events are kept."""
    days = application.retention_days or settings.RETENTION_DAYS
    return timedelta(days=min(days, settings.RETENTION_DAYS))


def _percent(part: int, whole: int) -> float:
    return round(part * 100 / whole, 1) if whole else 0
