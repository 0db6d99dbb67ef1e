"""What the list of monitors shows: state, tag and a part of the name, all in its address."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django import forms
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import QueryDict

from applications.models import Application
from dashboard.monitor_states import PAUSED, STATES
from monitors.models import Monitor


class MonitorsForm(forms.Form):
    """The parameters of the list's address."""

    state = forms.ChoiceField(choices=[(name, name) for name in STATES], required=False)
    tag = forms.CharField(required=False, max_length=40)
    q = forms.CharField(required=False, max_length=100)


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter that is offered, and the list with it; the one in force leads to that without."""

    name: str
    words: str
    count: int
    address: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class MonitorSelection:
    """Which monitors are listed."""

    state: str = ""
    tag: str = ""
    q: str = ""

    @property
    def address(self) -> str:
        chosen = {"state": self.state, "tag": self.tag, "q": self.q}
        return f"?{urlencode({name: value for name, value in chosen.items() if value})}"

    @property
    def is_filtered(self) -> bool:
        return bool(self.state or self.tag or self.q)

    def monitors(self, application: Application) -> QuerySet[Monitor]:
        """Those that are down first, then by name."""
        found = Monitor.objects.filter(application=application)
        if self.state == PAUSED:
            found = found.filter(paused=True)
        elif self.state:
            found = found.filter(paused=False, state=self.state)
        if self.tag:
            found = found.filter(tags__contains=[self.tag])
        if self.q:
            found = found.filter(name__icontains=self.q)
        return found.order_by(_RANK, "name")


_RANK = Case(
    When(paused=True, then=Value(list(STATES).index(PAUSED))),
    *(When(state=name, then=Value(place)) for place, name in enumerate(STATES) if name != PAUSED),
    output_field=IntegerField(),
)


def monitor_selection(query: QueryDict) -> MonitorSelection:
    """What is asked for, and nothing where it can't be understood."""
    form = MonitorsForm(query)
    form.is_valid()
    return MonitorSelection(**{name: form.cleaned_data.get(name, "") for name in form.fields})


@dataclass(frozen=True, slots=True)
class Choices:
    """The filters that a list can be asked for, with how many monitors each has."""

    count: int
    everything: str  # the list without a state
    states: Sequence[Choice]
    tags: Sequence[Choice]


def choices(application: Application, selection: MonitorSelection) -> Choices:
    """One statement, however many there are."""
    rows = Monitor.objects.filter(application=application).order_by()
    states: Counter[str] = Counter()
    tags: Counter[str] = Counter()
    for state, paused, tagged in rows.values_list("state", "paused", "tags"):
        states[PAUSED if paused else state] += 1
        tags.update(tagged)
    return Choices(
        states.total(),
        replace(selection, state="").address,
        [
            Choice(name, word, states[name], replace(selection, state=name).address, chosen)
            for name, (word, _) in STATES.items()
            if (chosen := selection.state == name) or states[name]
        ],
        [
            Choice(name, name, tags[name], replace(selection, tag=other).address, bool(not other))
            for name in sorted(tags)
            for other in ["" if selection.tag == name else name]
        ],
    )
