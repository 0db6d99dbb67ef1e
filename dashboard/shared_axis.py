"""Events and requests on one axis of time: below the chart of the one, the other as a slim chart.

Whoever sees errors rise sees whether traffic rose with them, and the other way round.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from applications.models import Application
from dashboard.charts import Chart, Series, by_level
from dashboard.selection import PageState, Selection
from dashboard.traffic_selection import TrafficSelection
from events.records import LEVEL_NAMES
from stats.asking import Asking, asked
from stats.buckets import Interval, bucket_starts
from stats.series import series_by_level
from stats.totals import ERRORS
from stats.traffic.criteria import Criteria
from stats.traffic.measures import statuses_by_bucket

_ONLY_ERRORS = {"level": [LEVEL_NAMES[level] for level in ERRORS]}


@dataclass(frozen=True, kw_only=True)
class SlimChart(Chart):
    """A chart below another one; a click on it leads to the page that tells more of it."""

    page: str

    @property
    def leads_to(self) -> str:
        return self.page


@dataclass(frozen=True, slots=True)
class Beside:
    """What else there was in the same time, and the page that tells more of it."""

    title: str
    chart: Chart
    address: str

    @property
    def parts(self) -> list[tuple[Series, int]]:
        """What the chart is made of, each with how many there were; the topmost first."""
        return [
            (one, sum(int(value or 0) for value in one.values))
            for one in reversed(self.chart.series)
        ]


@asked
def errors_beside(application: Application, selection: TrafficSelection) -> Asking[Beside | None]:
    """The error events of the selected time; None where there is no event at all in it."""
    span, zone = selection.span, timezone.get_current_timezone()
    counted = yield from series_by_level.steps(
        application.pk, span.since, span.until, span.interval, zone=zone
    )
    if not counted.counts:
        return None
    nothing = [0] * len(counted.starts)
    errors = {level: counted.counts.get(level, nothing) for level in ERRORS}
    series = by_level({level: n for level, n in errors.items() if any(n) or level == ERRORS[0]})
    return _beside("Error events", series, selection, application, "application", _ONLY_ERRORS)


def requests_beside(application: Application, selection: Selection) -> Beside | None:
    """The requests of the selected time, and how many of them failed; None where there are none."""
    span, zone = selection.span, timezone.get_current_timezone()
    criteria = Criteria(span.since, span.until)
    starts = bucket_starts(span.since, span.until, span.interval, zone)
    by_minute = span.interval == Interval.MINUTE
    found = statuses_by_bucket(application.pk, criteria, starts, by_minute=by_minute)
    if not any(one.requests for one in found):
        return None
    failed = [one.by_class[5] for one in found]
    answered = [one.requests - one.by_class[5] for one in found]
    series = [
        Series("up to 4xx", answered, tone="--status-good"),
        Series("5xx", failed, tone="--error"),
    ]
    return _beside("Requests", series, selection, application, "traffic", {})


def _beside(
    title: str,
    series: Sequence[Series],
    selection: PageState,
    application: Application,
    name: str,
    filters: Mapping[str, list[str]],
) -> Beside:
    span = selection.span
    path = reverse(f"dashboard:{name}", args=[application.pk])
    chart = SlimChart(
        id="beside",
        title=f"{title} by {span.interval.lower()}",
        starts=bucket_starts(
            span.since, span.until, span.interval, timezone.get_current_timezone()
        ),
        interval=span.interval,
        until=span.end,
        series=series,
        zoom=selection.unzoomed,
        page=f"{path}?{urlencode(filters, doseq=True)}" if filters else path,
    )
    return Beside(title, chart, path + selection.same_time(**filters))
