"""What the traffic page shows: range, figure, order and filters, all of them in its address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from dashboard import ranges
from dashboard.comparisons import BEFORE, PERIODS, Choice, Comparison, comparison
from dashboard.list_addresses import range_with
from dashboard.search_words import taken_apart
from dashboard.selection import (
    Chip,
    LocalMomentField,
    PageState,
    SpanForm,
    span_of,
    span_parameters,
)
from stats.buckets import bucket_starts
from stats.traffic.criteria import Criteria
from stats.traffic.parameters import NOT, MethodsField, StatusesField, ValuesField
from stats.traffic.rankings import sorts
from traffic.exclusions import NO_EXCLUSIONS, Exclusions
from traffic.user_agents import BOTS

FIGURES = {
    "requests": "Requests",
    "errors": "Errors",
    "latency": "Latency",
    "users": "Users",
    "bytes": "Bytes sent",
}
DEFAULT_SORT = "-requests"
# Columns that a click filters by, and what they are called on the page.
FILTERS = {
    "method": "method", "route": "route", "status": "status", "country": "country",
    "client": "client", "system": "system", "device": "device", "hostname": "host",
    "version": "version", "referrer": "referrer", "user": "user", "release": "release",
    "environment": "environment", "framework": "framework",
}  # fmt: skip
_TEXTS = ("q", "search")
# The same as they are typed into the search.
_TYPED = {word: name for name, label in FILTERS.items() for word in (name, label)}
# Columns of the table of routes, in its order.
COLUMNS = {
    "route": "Route", "requests": "Requests", "error_rate": "Errors", "p50": "p50", "p95": "p95",
    "p99": "p99", "bytes": "Sent", "apdex": "Apdex",
}  # fmt: skip
_FIELDS = {"method": MethodsField, "status": StatusesField}
_ORDERS = {"-": "descending", "": "ascending"}


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    label: str
    address: str
    order: str  # as aria-sort has it; "" where the table is sorted by another one


class ComparisonField(LocalMomentField):
    """Another period by its name, or the time when it begins."""

    def to_python(self, value: str | None) -> Any:
        if value in PERIODS:
            return value
        try:
            moment = super().to_python(value)
        except forms.ValidationError:
            raise forms.ValidationError(
                "Use before, week, or an ISO 8601 time such as 2026-11-21T08:00:00Z."
            ) from None
        if moment and moment >= timezone.now():
            raise forms.ValidationError("Compare with a time that has begun.")
        return moment


class TrafficForm(SpanForm):
    """The parameters of the page's address."""

    compare = ComparisonField(required=False)
    everything = forms.BooleanField(required=False)
    figure = forms.ChoiceField(choices=list(FIGURES.items()), required=False)
    sort = forms.ChoiceField(choices=[(name, name) for name in sorts()], required=False)
    q = forms.CharField(required=False, strip=False, max_length=1_000)
    search = forms.CharField(required=False, max_length=1_000)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in FILTERS:
            field = _FIELDS.get(name, ValuesField)
            self.fields[name] = field(required=False)
            self.fields[NOT + name] = field(required=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficSelection(PageState):
    """The state of the traffic page."""

    names = (
        "range", "since", "until", "compare", "figure", *FILTERS,
        *(NOT + name for name in FILTERS), *_TEXTS, "everything", "sort",
    )  # fmt: skip
    default_figure = "requests"

    sort: str = DEFAULT_SORT
    included: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    excluded: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    compare: Choice | None = None
    everything: bool = False
    saved: Exclusions = NO_EXCLUSIONS  # in force unless everything is asked for
    below: Sequence[str] = ()  # routes below the places that are saved

    def only(self, **values: str) -> str:
        """The address with these values chosen, or without them where they are the chosen ones."""
        if self.is_only(**values):
            return self.address(**dict.fromkeys(values))
        return self.address(**{NOT + name: None for name in values}, **values)

    def without(self, name: str, value: str) -> str:
        """The address that leaves out what has this value, too."""
        left_out = [*self.parameters.get(NOT + name, ()), value]
        return self.address(**{NOT + name: left_out, name: None})

    def is_only(self, **values: str) -> bool:
        return all(self.parameters.get(name) == [value] for name, value in values.items())

    def sorted_by(self, name: str) -> str:
        """The address of the routes in this order; once more, in the opposite one."""
        other = f"-{name}" if name != "route" else name
        if self.sort == other:
            other = name if other.startswith("-") else f"-{name}"
        return self.address(sort=None if other == DEFAULT_SORT else other) + "#routes"

    @property
    def unfiltered(self) -> str:
        names = (*FILTERS, *(NOT + name for name in FILTERS), "q")
        return self.address(**dict.fromkeys(names))

    @property
    def is_filtered(self) -> bool:
        """Whether figures are of some of the requests: that takes longer the more there are."""
        return self.now.chooses

    @property
    def bots_left_out(self) -> bool:
        return set(BOTS) <= set(self._excluded.get("device", ()))

    @property
    def without_bots(self) -> str:
        left_out = dict.fromkeys((*self.parameters.get(NOT + "device", ()), *BOTS))
        return self.address(**{NOT + "device": list(left_out), "device": None})

    @property
    def sorting(self) -> list[Column]:
        """The columns of the table of routes, each with the order that a click gives it."""
        sign, chosen = self.sort[: self.sort.startswith("-")], self.sort.removeprefix("-")
        return [
            Column(name, label, self.sorted_by(name), _ORDERS[sign] if name == chosen else "")
            for name, label in COLUMNS.items()
        ]

    def criteria(self, since: datetime, until: datetime) -> Criteria:
        return Criteria(
            since=since,
            until=until,
            included=self.included,
            excluded=self._excluded,
        )

    @property
    def starts(self) -> list[datetime]:
        """Of the range's buckets."""
        span = self.span
        zone = timezone.get_current_timezone()
        return bucket_starts(span.since, span.until, span.interval, zone)

    @property
    def other(self) -> Comparison:
        """The period that this one is told against."""
        zone = timezone.get_current_timezone()
        return comparison(self.compare or BEFORE, self.span, self.starts, zone)

    @property
    def periods(self) -> list[tuple[str, str, bool]]:
        """What the range may be compared with: words, address and whether it is chosen."""
        named = [("", "Nothing"), *PERIODS.items()]
        return [
            (words, self.address(compare=name or None), (self.compare or "") == name)
            for name, words in named
        ]

    @property
    def _excluded(self) -> Mapping[str, Sequence[Any]]:
        """With what is saved; what is chosen by name is shown all the same."""
        if self.everything:
            return self.excluded
        merged = {name: list(values) for name, values in self.excluded.items()}
        for name, values in self.saved.columns(self.below).items():
            chosen = self.included.get(name, ())
            if left_out := [value for value in values if value not in chosen]:
                merged[name] = list(dict.fromkeys([*merged.get(name, ()), *left_out]))
        return merged

    @property
    def now(self) -> Criteria:
        """The requests of the chosen range."""
        return self.criteria(self.span.since, self.span.until)

    @property
    def listed(self) -> Criteria:
        """Those of the list: part of a path is looked for in requests, not in what is counted."""
        return replace(self.now, text=self.text("q"))

    def chips(self) -> list[Chip]:
        """The filters in force, each with what takes it off."""
        found: list[Chip] = []
        for sign, prefix in (("", ""), ("not ", NOT)):
            for name, label in FILTERS.items():
                found += self.chips_of(prefix + name, sign + label)
        found += self.chips_of("q", "path in the list")
        return found


def traffic_selection(query: QueryDict, now: datetime) -> tuple[TrafficSelection, TrafficForm]:
    """The state that an address tells, and the form that tells what is wrong with it.

    What can't be used counts as not given.
    """
    form = TrafficForm(_with_typed(query))
    asked = form.usable()
    state = TrafficSelection(
        span=span_of(asked, now),
        range="" if asked["since"] else asked["range"] or ranges.DEFAULT,
        figure=asked["figure"] or TrafficSelection.default_figure,
        sort=asked["sort"] or DEFAULT_SORT,
        before=asked["before"],
        included=_values(asked, ""),
        excluded=_values(asked, NOT),
        compare=asked["compare"] or None,
        everything=bool(asked["everything"]),
        parameters=_canonical(asked),
    )
    return state, form


def _with_typed(query: QueryDict) -> QueryDict:
    """The address, with the filters that were typed into the search."""
    words, included, excluded = taken_apart(query.get("q", ""), _TYPED)
    if not included and not excluded:
        return query
    found = query.copy()
    found["q"] = words
    for prefix, values in (("", included), (NOT, excluded)):
        for name, more in values.items():
            found.setlist(prefix + name, [*found.getlist(prefix + name), *more])
    return found


def selection_with(moment: datetime, query: QueryDict, now: datetime) -> TrafficSelection:
    """The state that an address tells, in a range that has the moment in it."""
    state, _ = traffic_selection(query, now)
    if state.span.since <= moment < state.span.until:
        return state
    within = query.copy()
    for name in ("range", "since", "until", "before"):
        within.pop(name, None)
    within.update(range_with(moment, now))
    return traffic_selection(within, now)[0]


def _values(asked: dict[str, Any], prefix: str) -> dict[str, Sequence[Any]]:
    return {name: values for name in FILTERS if (values := asked[prefix + name])}


def _canonical(asked: dict[str, Any]) -> dict[str, list[str]]:
    """The parameters as an address tells them: defaults are left out."""
    told = {
        **span_parameters(asked),
        "figure": "" if asked["figure"] == TrafficSelection.default_figure else asked["figure"],
        "sort": "" if asked["sort"] == DEFAULT_SORT else asked["sort"],
        "compare": _told_period(asked["compare"]),
        "everything": "1" if asked["everything"] else "",
        **{name: asked[name] for name in _TEXTS},
    }
    one = {name: [str(value)] for name, value in told.items() if value}
    many = {
        prefix + name: [_told(name, value) for value in dict.fromkeys(asked[prefix + name] or ())]
        for prefix in ("", NOT)
        for name in FILTERS
    }
    return one | {name: values for name, values in many.items() if values}


def _told(name: str, value: Any) -> str:
    """A value as it is given: the class of a status as 4xx."""
    return f"{value}xx" if name == "status" and int(value) < 10 else str(value)


def _told_period(choice: Choice | None) -> str:
    return choice.isoformat() if isinstance(choice, datetime) else choice or ""
