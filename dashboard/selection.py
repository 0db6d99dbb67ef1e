"""What an application's page shows: range, figure and filters, all of them in its address."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar
from urllib.parse import quote_plus, urlencode
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils import timezone

from dashboard import ranges
from dashboard.ranges import Span
from events.parameters import LevelsField, MomentField, TagsField
from events.records import LEVEL_NAMES
from stats.cover import HOUR, floor
from stats.finding import Criteria

FIGURES = {
    "events": "Events",
    "errors": "Errors",
    "messages": "Distinct messages",
    "seen": "Last seen",
}
ERROR = 40
_TIMES = ("range", "since", "until")
# Looked for in the events themselves: no rollup tells them.
_OF_THE_LIST = ("q", "tag", "environment", "release", "logger")


class LocalMomentField(MomentField):
    """An ISO 8601 time; one without a zone is the viewer's."""

    def to_python(self, value: str | None) -> datetime | None:
        moment = super().to_python(value)
        if moment is None or datetime.fromisoformat(str(value).replace(" ", "+")).tzinfo:
            return moment
        return moment.replace(tzinfo=timezone.get_current_timezone()).astimezone(UTC)


class SpanForm(forms.Form):
    """The parameters of a part of time, and of the place in a list."""

    range = forms.ChoiceField(choices=[(name, name) for name in ranges.RANGES], required=False)
    since = LocalMomentField(required=False)
    until = LocalMomentField(required=False)
    before = forms.UUIDField(required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        now = timezone.now()
        if (since and since >= (until or now)) or (until and not since):
            self.add_error("until", "Give a beginning, and an end that is later.")
        elif since and (until or now) - since > ranges.LONGEST:
            self.add_error("since", "Ask for at most fifty years.")
        return cleaned

    def usable(self) -> dict[str, Any]:
        """What was given and can be used; the rest is None."""
        self.is_valid()
        asked = {name: self.cleaned_data.get(name) for name in self.fields}
        if "since" in self.errors or "until" in self.errors:
            asked |= {"since": None, "until": None}
        return asked


class SelectionForm(SpanForm):
    """The parameters of the page's address."""

    figure = forms.ChoiceField(choices=list(FIGURES.items()), required=False)
    level = LevelsField(required=False)
    message = forms.UUIDField(required=False)
    q = forms.CharField(required=False, strip=False, max_length=1_000)
    tag = TagsField(required=False)
    environment = forms.CharField(required=False, strip=False, max_length=1_000)
    release = forms.CharField(required=False, strip=False, max_length=1_000)
    logger = forms.CharField(required=False, strip=False, max_length=1_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A filter in force, and the address without it."""

    name: str
    value: str
    without: str


@lru_cache(maxsize=4_096)
def _quoted(value: object) -> str:
    return quote_plus(str(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState:
    """The state of a page. Addresses begin with `?`; those of a changed state begin its list."""

    # In this order, so that equal pages have equal addresses.
    names: ClassVar[tuple[str, ...]]
    default_figure: ClassVar[str]

    span: Span
    range: str  # "" for a custom one
    figure: str
    before: UUID | None = None
    parameters: dict[str, list[str]] = field(default_factory=dict)

    def address(self, **changes: Any) -> str:
        """The page's own address with these parameters, and without those that are None."""
        changed = {
            name: [] if value is None else value if isinstance(value, list) else [value]
            for name, value in changes.items()
        }
        merged = self.parameters | changed
        pairs = [
            f"{name}={_quoted(value)}"
            for name in (*self.names, "before")
            if name in merged
            for value in merged[name]
        ]
        return f"?{'&'.join(pairs)}"

    def ranged(self, name: str) -> str:
        chosen = None if name == ranges.DEFAULT else name
        return self.address(range=chosen, since=None, until=None)

    def shown(self, figure: str) -> str:
        return self.address(figure=None if figure == self.default_figure else figure)

    def same_time(self, **filters: str | list[str]) -> str:
        """What the address of another page ends with, so that it shows the same time."""
        times = {name: self.parameters[name] for name in _TIMES if name in self.parameters}
        told = urlencode(times | filters, doseq=True)
        return f"?{told}" if told else ""

    def text(self, name: str) -> str:
        return next(iter(self.parameters.get(name, ())), "")

    @property
    def unzoomed(self) -> str:
        """The address that parts of the chart are added to."""
        return self.address(range=None, since=None, until=None)

    def chips_of(self, name: str, label: str) -> Iterator[Chip]:
        """The values of a parameter, each with the address that keeps the others."""
        values = self.parameters.get(name, [])
        for place, value in enumerate(values):
            others = values[:place] + values[place + 1 :]
            yield Chip(name=label, value=value, without=self.address(**{name: others}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection(PageState):
    """The state of an application's page."""

    names = (
        "range", "since", "until", "figure", "level", "message", "q", "tag", "environment",
        "release", "logger",
    )  # fmt: skip
    default_figure = "events"

    levels: tuple[int, ...] = ()
    message: UUID | None = None
    tags: tuple[tuple[str, str], ...] = ()

    def toggled(self, level: int) -> str:
        """The address with a level chosen alone, or without it where it is the chosen one."""
        return self.address(level=None if self.levels == (level,) else LEVEL_NAMES[level])

    @property
    def unfiltered(self) -> str:
        filters = ("level", "message", *_OF_THE_LIST)
        return self.address(**dict.fromkeys(filters))

    @property
    def only_lists(self) -> list[str]:
        """Filters in force that the figures above the list do not know of."""
        return [_label(name) for name in _OF_THE_LIST if self.parameters.get(name)]

    @property
    def counted_levels(self) -> tuple[int, ...] | None:
        return self.levels or None

    def counts(self, level: int) -> bool:
        return not self.levels or level in self.levels

    def counted_criteria(self, message: str | None) -> Criteria:
        """What the figures count; `message` is the text of `self.message`."""
        return Criteria(
            since=self.span.since,
            until=self.span.until,
            levels=self.counted_levels,
            message=message,
        )

    def criteria(self, message: str | None) -> Criteria:
        """What the list looks for."""
        return replace(
            self.counted_criteria(message),
            text=self.text("q") or None,
            tags=self.tags,
            environment=self.text("environment") or None,
            release=self.text("release") or None,
            logger=self.text("logger") or None,
        )

    def chips(self, message: str | None) -> list[Chip]:
        """The filters in force, each with what takes it off."""
        named = [("level", LEVEL_NAMES[level]) for level in self.levels]
        found = [
            Chip(name=name, value=value, without=self.address(level=self._levels_but(value)))
            for name, value in named
        ]
        if self.message is not None:
            words = message or "one that is not stored any more"
            found.append(Chip(name="message", value=words, without=self.address(message=None)))
        for name in _OF_THE_LIST:
            found += self.chips_of(name, _label(name))
        return found

    def _levels_but(self, name: str) -> list[str]:
        return [LEVEL_NAMES[level] for level in self.levels if LEVEL_NAMES[level] != name]


def _label(name: str) -> str:
    """What a parameter is called on the page."""
    return "text" if name == "q" else name


def selection(query: QueryDict, now: datetime) -> tuple[Selection, SelectionForm]:
    """The state that an address tells, and the form that tells what is wrong with it.

    What can't be used counts as not given.
    """
    form = SelectionForm(query)
    asked = form.usable()
    levels = tuple(sorted(set(asked["level"] or ())))
    state = Selection(
        span=span_of(asked, now),
        range="" if asked["since"] else asked["range"] or ranges.DEFAULT,
        figure=asked["figure"] or Selection.default_figure,
        levels=levels,
        message=asked["message"],
        tags=tuple(asked["tag"] or ()),
        before=asked["before"],
        parameters=_canonical(asked, levels),
    )
    return state, form


def span_of(asked: dict[str, Any], now: datetime) -> Span:
    """The part of time that a SpanForm asks for."""
    if asked["since"]:
        until = asked["until"] or floor(now, HOUR) + HOUR
        return ranges.custom(asked["since"], until, now)
    chosen = ranges.RANGES[asked["range"] or ranges.DEFAULT]
    return chosen.span(now, timezone.get_current_timezone())


def _canonical(asked: dict[str, Any], levels: tuple[int, ...]) -> dict[str, list[str]]:
    """The parameters as an address tells them: defaults are left out."""
    told = {
        **span_parameters(asked),
        "figure": "" if asked["figure"] == Selection.default_figure else asked["figure"],
        "message": asked["message"] and str(asked["message"]),
        **{name: asked[name] for name in _OF_THE_LIST if name != "tag"},
    }
    one = {name: [value] for name, value in told.items() if value}
    level_names = [LEVEL_NAMES[level] for level in levels]
    tags = [f"{name}:{value}" for name, value in asked["tag"] or ()]
    return one | {"level": level_names, "tag": tags}


def span_parameters(asked: dict[str, Any]) -> dict[str, Any]:
    """A part of time as an address tells it."""
    return {
        "range": "" if asked["since"] or asked["range"] == ranges.DEFAULT else asked["range"],
        "since": asked["since"] and asked["since"].isoformat(),
        "until": asked["until"] and asked["until"].isoformat(),
    }
