"""Uptime of monitors, from what is stored: outages, pauses, maintenance windows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from django.db.models import Q

from monitors import maintenance
from monitors.models import Monitor, Outage, Pause
from monitors.uptime import Span, Uptime, lengths, uptime, without

RANGES = {"24 h": timedelta(days=1), **{f"{n} days": timedelta(days=n) for n in (7, 30, 90)}}


class History(NamedTuple):
    """When a monitor was down, and when nobody watched it, within a range."""

    down: list[Span]
    unwatched: list[Span]

    def uptime(self, span: Span) -> Uptime:
        return uptime(span, down=self.down, unwatched=self.unwatched)

    def bars(self, span: Span, count: int) -> list[tuple[Span, Uptime]]:
        """The uptime of so many parts of equal length."""
        width = (span.end - span.begin) / count
        begins = [span.begin + n * width for n in range(count)] + [span.end]
        parts = [Span(*each) for each in pairwise(begins)]
        watched = without([span], self.unwatched)
        up = lengths(without(watched, self.down), parts)
        return [
            (part, Uptime(length, length - of_it))
            for part, length, of_it in zip(parts, lengths(watched, parts), up, strict=True)
        ]


def histories(monitors: Sequence[Monitor], span: Span) -> dict[int, History]:
    """Monitor's id → its history within a span; four statements, however many they are."""
    ids = [monitor.pk for monitor in monitors]
    down = _spans(Outage.objects.filter(monitor__in=ids), span)
    paused = _spans(Pause.objects.filter(monitor__in=ids), span)
    maintained = maintenance.during(
        {monitor.application_id for monitor in monitors}, span.begin, span.end
    )
    return {
        monitor.pk: History(
            down[monitor.pk],
            [
                Span(span.begin, monitor.created_at),
                *paused[monitor.pk],
                *maintained(monitor.application_id, monitor.pk),
            ],
        )
        for monitor in monitors
    }


def uptimes(history: History, now: datetime) -> dict[str, Uptime]:
    """The uptime of each of RANGES, by its name."""
    return {name: history.uptime(Span(now - range_, now)) for name, range_ in RANGES.items()}


def _spans(rows: Iterable[Outage] | Iterable[Pause], span: Span) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = defaultdict(list)
    within = rows.filter(Q(end=None) | Q(end__gt=span.begin), begin__lt=span.end)  # type: ignore[union-attr]
    for monitor_id, begin, end in within.values_list("monitor", "begin", "end"):
        found[monitor_id].append(Span(begin, end or span.end))
    return found
