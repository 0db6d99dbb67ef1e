"""The figures of the traffic page: tiles, and the chart of the chosen one."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cached_property

from django.utils import timezone

from applications.models import Application
from dashboard.charts import Chart, Series, titles
from dashboard.comparisons import BEFORE, SHORT, Comparison
from dashboard.figures import Tile, keeping
from dashboard.traffic_charts import Distribution, HeatRow, Strip, distribution, strip, week
from dashboard.traffic_selection import FIGURES, TrafficSelection
from dashboard.wording import Trend, milliseconds, percent, period, size, trend
from stats.asking import Answer, Asking
from stats.buckets import Interval
from stats.cover import DAY, HOUR, MINUTE, floor
from stats.traffic.courses import by_hour_of_week, hours_of_week
from stats.traffic.criteria import Criteria
from stats.traffic.measures import (
    NOTHING,
    Measure,
    Statuses,
    by_bucket,
    statuses_by_bucket,
    total,
)
from stats.traffic.users import distinct_users, distinct_users_by_bucket

CLASSES = {2: "2xx", 3: "3xx", 0: "other", 4: "4xx", 5: "5xx"}
TONES = {2: "--status-good", 3: "--status-moved", 0: "--debug", 4: "--warning", 5: "--error"}
LINES = {"p50": (0.5, "--info"), "p95": (0.95, "--warning"), "p99": (0.99, "--critical")}
_NO_REQUESTS = 0.0


class TrafficFigures:
    """What was measured for one page: asked for when it is made, read part by part."""

    def __init__(self, application: Application, selection: TrafficSelection) -> None:
        self.id = application.pk
        self.selection = selection
        self.span = selection.span
        self.other: Comparison = selection.other
        self.zone = timezone.get_current_timezone()
        self.kept = keeping(application)
        # Whether all of the other period's requests are kept still.
        self.comparable = self.other.since >= self.span.now - self.kept
        self._starts = selection.starts
        self._ask()

    def _ask(self) -> None:
        starts, now = self._starts, self.selection.now
        self._now = total.ahead(self.id, now)
        self._statuses = statuses_by_bucket.ahead(self.id, now, starts, by_minute=self._by_minute)
        self._drawn = Answer(self._series())
        if self.selection.compare and self.comparable:
            self._other_drawn = Answer(self._other_values())
        if self.span.interval != Interval.HOUR:
            self._week = by_hour_of_week.ahead(self.id, now, self.zone)

    def ask_before(self) -> None:
        """Ask for what the tiles compare with."""
        if self.comparable:
            self._before = total.ahead(self.id, self._earlier(DAY))
            # In whole hours: users of a part of one are hardly others, and read one by one.
            self._users_before = distinct_users.ahead(self.id, self._earlier(2 * HOUR))

    @property
    def now(self) -> Measure:
        return self._now()

    @property
    def _by_minute(self) -> bool:
        return self.span.interval == Interval.MINUTE

    def _earlier(self, short: timedelta) -> Criteria:
        """The other period; a longer one than this in whole hours, of which no rows are read."""
        since, until = self.other.since, self.other.until
        if until - since > short:
            since, until = floor(since, HOUR), floor(until, HOUR)
        return self.selection.criteria(since, until)

    # --- Tiles -----------------------------------------------------------------------------

    def tiles(self, users: int) -> list[Tile]:
        """`users` are the different ones of the range, which their table counts anyway."""
        now, before = self.now, self._before() if self.comparable else NOTHING
        users_before = self._users_before() if self.comparable else 0
        minutes = max((self.span.end - self.span.since) / MINUTE, 1)
        p95, p95_before = (one.percentiles([0.95])[0] for one in (now, before))
        return [
            self._tile("requests", before.requests, now.requests, count=now.requests),
            self._tile("errors", _rate(before), _rate(now), text=percent(_rate(now)), bad=True),
            self._tile(
                "latency", p95_before, p95, text="" if p95 is None else milliseconds(p95), bad=True
            ),
            self._tile("users", users_before, users, count=users),
            self._tile("", None, None, text=f"{now.requests / minutes:,.3g}"),
            self._tile(
                "bytes", before.response_bytes, now.response_bytes, text=size(now.response_bytes)
            ),
        ]

    def _tile(
        self,
        name: str,
        before: float | None,
        now: float | None,
        *,
        count: int | None = None,
        text: str = "",
        bad: bool = False,
    ) -> Tile:
        against = self._trend(now, before)
        tones = {"up": "worse", "down": "better"} if bad else {}
        return Tile(
            name=name,
            label=_LABELS.get(name, "Requests a minute"),
            count=count,
            text=text,
            trend=against,
            tone=tones.get(against.direction, "") if against else "",
            address=self.selection.shown(name) if name else "",
            chosen=self.selection.figure == name,
        )

    def _trend(self, now: float | None, before: float | None) -> Trend | None:
        if not self.comparable or now is None or before is None or not self._before().requests:
            return None
        return trend(now, before)

    # --- Charts ----------------------------------------------------------------------------

    @property
    def statuses(self) -> list[Statuses]:
        """The requests of each bucket."""
        return self._statuses()

    def _measures(self, criteria: Criteria, starts: Sequence[datetime]) -> Asking[list[Measure]]:
        durations = self.selection.figure == "latency"
        return by_bucket.steps(
            self.id, criteria, starts, by_minute=self._by_minute, durations=durations
        )

    def _users(self, criteria: Criteria, starts: Sequence[datetime]) -> Asking[list[int]]:
        by_minute = self._by_minute
        return distinct_users_by_bucket.steps(self.id, criteria, starts, by_minute=by_minute)

    @cached_property
    def chart(self) -> Chart:
        classes = (4, 5) if self.selection.figure == "errors" else CLASSES
        series = self._drawn() or self._by_class(classes)
        if self.selection.compare and self.comparable:
            series.append(self._other_series())
        words = {"latency": milliseconds, "bytes": size}.get(self.selection.figure)
        return Chart(
            id="course",
            title=f"{FIGURES[self.selection.figure]} by {self.span.interval.lower()}",
            starts=self._starts,
            interval=self.span.interval,
            until=self.span.end,
            series=series,
            zoom=self.selection.unzoomed,
            is_lines=self.selection.figure == "latency",
            **({"words": words} if words else {}),
        )

    def _series(self) -> Asking[list[Series]]:
        """Those of figures that statuses don't tell."""
        now, starts = self.selection.now, self._starts
        match self.selection.figure:
            case "latency":
                measures = yield from self._measures(now, starts)
                return [
                    Series(name, [one.percentiles([share])[0] for one in measures], tone=tone)
                    for name, (share, tone) in LINES.items()
                ]
            case "users":
                users = yield from self._users(now, starts)
                return [Series("Users", users)]
            case "bytes":
                measures = yield from self._measures(now, starts)
                return [Series("Bytes sent", [one.response_bytes for one in measures])]
        return []

    def _other_values(self) -> Asking[Sequence[float | None]]:
        """The figure of the other period; of latency the p95, as its tile tells."""
        starts = self.other.starts
        criteria = self.selection.criteria(self.other.since, self.other.end)
        match self.selection.figure:
            case "users":
                users = yield from self._users(criteria, starts)
                return users
            case "latency":
                measures = yield from self._measures(criteria, starts)
                return [one.percentiles([0.95])[0] for one in measures]
            case "bytes":
                measures = yield from self._measures(criteria, starts)
                return [one.response_bytes for one in measures]
        statuses = yield from statuses_by_bucket.steps(
            self.id, criteria, starts, by_minute=self._by_minute
        )
        errors = self.selection.figure == "errors"
        return [one.errors if errors else one.requests for one in statuses]

    def _other_series(self) -> Series:
        starts = self.other.starts
        label = f"{self.against[0].upper()}{self.against[1:]}"
        return Series(
            f"p95, {self.against}" if self.selection.figure == "latency" else label,
            [
                value if start < self.span.now else None
                for start, value in zip(starts, self._other_drawn(), strict=True)
            ],
            tone="--muted",
            titles=titles(starts, self.span.interval),
            note=self._when,
        )

    @property
    def against(self) -> str:
        """What the other period is called."""
        choice = self.selection.compare or BEFORE
        return SHORT[choice] if isinstance(choice, str) else "other period"

    @property
    def _when(self) -> str:
        return period(self.other.since, self.other.end, self.zone)

    @property
    def too_long_ago(self) -> str:
        """Why there is nothing to compare with, where that was asked for."""
        if not self.selection.compare or self.comparable:
            return ""
        kept = f"past the {self.kept.days} days that they are kept"
        return f"Nothing to compare with: requests of {self._when} are {kept}."

    def _by_class(self, classes: Iterable[int]) -> list[Series]:
        """Statuses that occur, the good ones below."""
        by_bucket = [one.by_class for one in self.statuses]
        return [
            Series(CLASSES[class_], counts, tone=TONES[class_])
            for class_ in classes
            if any(counts := [by_class[class_] for by_class in by_bucket])
        ]

    def distribution(self) -> Distribution | None:
        return distribution(self.now.durations)

    def strip(self) -> Strip:
        return strip(
            self.chart.titles,
            [one.requests for one in self.statuses],
            [one.errors for one in self.statuses],
        )

    def week(self) -> list[HeatRow]:
        if self.span.interval == Interval.HOUR:
            counts = [one.requests for one in self.statuses]
            return week(hours_of_week(self._starts, counts, self.zone))
        return week(self._week())


_LABELS = {**FIGURES, "errors": "Error rate", "latency": "p95"}


def _rate(measure: Measure) -> float:
    return measure.errors / measure.requests if measure.requests else _NO_REQUESTS
