"""What the overview tells of each application's monitors."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.monitor_states import PAUSED, STATES
from dashboard.wording import line
from monitors.models import Monitor
from monitors.verdicts import DOWN

_NAMED, _LONGEST = 2, 40  # names of those that are down, and their characters


@dataclass(frozen=True, slots=True)
class Watched:
    """The monitors of one application in words; `mark` is that of the worst of their states."""

    words: str
    mark: str


def watched(application_ids: Sequence[int]) -> dict[int, Watched]:
    """Of those of these applications that have monitors; one statement for all."""
    found: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    rows = Monitor.objects.filter(application__in=application_ids).order_by("name")
    for id_, state, paused, name in rows.values_list("application", "state", "paused", "name"):
        found[id_][PAUSED if paused else state].append(name)
    return {id_: _watched(by_state) for id_, by_state in found.items()}


def _watched(by_state: dict[str, list[str]]) -> Watched:
    parts = [
        f"{len(by_state[name])} {word.lower()}{_names(by_state[name]) if name == DOWN else ''}"
        for name, (word, _) in STATES.items()
        if name in by_state
    ]
    worst = next(name for name in STATES if name in by_state)
    return Watched(", ".join(parts), STATES[worst][1])


def _names(names: Sequence[str]) -> str:
    told = ", ".join(line(name, _LONGEST) for name in names[:_NAMED])
    more = len(names) - _NAMED
    return f" ({told}{f' and {more} more' if more > 0 else ''})"
