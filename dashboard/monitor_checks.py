"""The checks of a monitor, newest first, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.urls import reverse

from dashboard.monitor_page import RANGES, Range
from dashboard.selection import LocalMomentField
from dashboard.wording import milliseconds
from events.display import excerpt, visible
from monitors.models import Check, Monitor
from monitors.targets import HEARTBEAT
from monitors.uptime import Span

PER_PAGE = 25
_OUTPUT_CHARACTERS = 2_000  # of what a job sent, in the list
DEFAULT = "24h"


class MonitorForm(forms.Form):
    """The parameters of the page's address."""

    range = forms.ChoiceField(choices=[(name, name) for name in RANGES], required=False)
    only = forms.ChoiceField(choices=[("failures", "failures")], required=False)
    before = LocalMomentField(required=False)


@dataclass(frozen=True, slots=True)
class CheckRow:
    check: Check
    up: bool
    words: str
    facts: Sequence[str]
    duration: str
    output: str


@dataclass(frozen=True, slots=True)
class MonitorState:
    """What the page shows; all of it is in its address."""

    monitor: Monitor
    range: Range
    only_failures: bool
    before: datetime | None

    def address(self, **changes: str) -> str:
        """The page's own address, with these parameters changed; the list begins anew."""
        chosen = {
            "range": "" if self.range.name == DEFAULT else self.range.name,
            "only": "failures" if self.only_failures else "",
            **changes,
        }
        given = {name: value for name, value in chosen.items() if value}
        path = reverse("dashboard:monitor", args=[self.monitor.application_id, self.monitor.pk])
        return f"{path}?{urlencode(given)}" if given else path

    def ranges(self) -> list[tuple[Range, str]]:
        return [
            (each, self.address(range="" if each.name == DEFAULT else each.name))
            for each in RANGES.values()
        ]

    @property
    def all_checks(self) -> str:
        return self.address(only="")

    @property
    def failures(self) -> str:
        return self.address(only="failures")


@dataclass(frozen=True, slots=True)
class Checks:
    rows: Sequence[CheckRow]
    newest: str  # the address of the list's beginning, where this is none
    older: str


def monitor_state(monitor: Monitor, query: QueryDict) -> MonitorState:
    """What is asked for, and what is shown by default where it can't be understood."""
    form = MonitorForm(query)
    form.is_valid()
    asked = form.cleaned_data
    return MonitorState(
        monitor,
        RANGES[asked.get("range") or DEFAULT],
        bool(asked.get("only")),
        asked.get("before"),
    )


def checks(state: MonitorState, span: Span) -> Checks:
    """A page of those within the range, by the primary key."""
    found = Check.objects.filter(
        application=state.monitor.application_id,
        monitor=state.monitor,
        checked_at__gte=span.begin,
        checked_at__lt=state.before or span.end,
    )
    if state.only_failures:
        found = found.exclude(failure=None)
    rows = list(found.order_by("-checked_at")[: PER_PAGE + 1])
    older = ""
    if len(rows) > PER_PAGE:
        last = rows[PER_PAGE - 1].checked_at.astimezone(UTC)
        older = state.address(before=last.isoformat())
    return Checks(
        [_row(check, state.monitor) for check in rows[:PER_PAGE]],
        state.address() if state.before else "",
        older,
    )


def _row(check: Check, monitor: Monitor) -> CheckRow:
    calls = monitor.kind == HEARTBEAT
    up = check.failure is None
    facts = [f"status {check.status}" if check.status else "", check.address or ""]
    return CheckRow(
        check,
        up,
        ("It called" if calls else "Up") if up else visible(check.words),
        [fact for fact in facts if fact],
        "" if check.duration_ms is None else milliseconds(check.duration_ms),
        visible(excerpt(check.output or "", _OUTPUT_CHARACTERS)),
    )
