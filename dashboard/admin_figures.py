"""What the admin's index tells of all applications, and an application's page there of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from applications.models import Application
from dashboard import ranges
from dashboard.charts import Chart, by_level
from dashboard.ranges import Range, Span
from events.models import Event
from stats.rankings import RankedMessage, top_messages
from stats.series import series_by_level

OFFERED = [ranges.RANGES[name] for name in ("24h", "7d", "30d")]
MOST_MESSAGES = 10


@dataclass(frozen=True, slots=True)
class MessageRow:
    text: str
    count: int
    width: float  # percent of the most frequent message
    last_seen: datetime
    last_id: UUID
    application_id: int
    application: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Events over time and the most frequent messages of one of the ranges on offer."""

    range: Range
    offered: Sequence[Range]
    chart: Chart
    messages: Sequence[MessageRow]

    @property
    def levels(self) -> list[tuple[int | None, int]]:
        """How many of each level, the most severe first."""
        return [
            (one.level, sum(int(value or 0) for value in one.values))
            for one in reversed(self.chart.series)
        ]


def may_view(request: HttpRequest) -> bool:
    """Figures tell of applications and of their events: who sees them may view both."""
    models = (Application, Event)
    return all(admin.site.get_model_admin(model).has_view_permission(request) for model in models)


def chosen_range(asked: str) -> Range:
    return next((each for each in OFFERED if each.name == asked), OFFERED[0])


def figures(applications: Mapping[int, str], asked: str, *, zoom: str = "") -> Figures:
    """The figures of these applications, id → name, in the range that is asked for.

    `zoom` is the address of the page that a part of the chart opens.
    """
    chosen = chosen_range(asked)
    span = chosen.span(timezone.now(), timezone.get_current_timezone())
    return Figures(
        range=chosen,
        offered=OFFERED,
        chart=_chart(list(applications), span, zoom),
        messages=_messages(applications, span),
    )


def _chart(application_ids: list[int], span: Span, zoom: str) -> Chart:
    zone = timezone.get_current_timezone()
    counted = series_by_level(application_ids, span.since, span.until, span.interval, zone=zone)
    return Chart(
        id="course",
        title=f"Events by {span.interval.lower()}",
        starts=counted.starts,
        interval=span.interval,
        until=span.end,
        series=by_level(counted.counts),
        zoom=zoom,
    )


def _messages(applications: Mapping[int, str], span: Span) -> list[MessageRow]:
    ranked = top_messages(list(applications), span.since, span.until, limit=MOST_MESSAGES)
    most = max((one.count for one in ranked), default=0)
    return [_row(one, most, applications[one.application_id]) for one in ranked]


def _row(one: RankedMessage, most: int, application: str) -> MessageRow:
    return MessageRow(
        text=one.message,
        count=one.count,
        width=round(one.count * 100 / most, 1),
        last_seen=one.last_seen,
        last_id=one.last_id,
        application_id=one.application_id,
        application=application,
    )
