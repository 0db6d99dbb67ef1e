"""What the traffic page leaves out by what is saved, and the line that tells it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from applications.models import Application
from dashboard.traffic_selection import TrafficSelection
from dashboard.wording import enumeration
from stats.traffic.known_routes import routes_below
from stats.traffic.policy import policy
from traffic.exclusions import NOT_FOUND, exclusions
from traffic.user_agents import BOTS


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is saved and not chosen by name."""

    routes: Sequence[str]
    rest: Sequence[str]  # in words

    @property
    def hidden(self) -> str:
        """The hidden routes in words; nothing where there are none."""
        count = len(self.routes)
        return f"{count} hidden route{'s' if count > 1 else ''}" if count else ""

    @property
    def words(self) -> str:
        """`3 hidden routes, 404s and bots`."""
        return enumeration([*filter(None, [self.hidden]), *self.rest])

    @property
    def sentence(self) -> str:
        """The rest of a sentence that begins with the hidden routes, or with all of it."""
        one = len(self.routes) == 1 and not self.rest
        words = self.words.removeprefix(self.hidden)
        return f"{words[:1].upper()}{words[1:]} {'is' if one else 'are'} left out."


def with_saved(application: Application, state: TrafficSelection) -> TrafficSelection:
    """The state with what the application leaves out."""
    saved = exclusions(policy(application.pk))
    if state.everything or not saved.places:
        return replace(state, saved=saved)
    other = state.other
    since, until = min(state.span.since, other.since), max(state.span.until, other.end)
    below = routes_below(application.pk, saved.places, since, until)
    return replace(state, saved=saved, below=tuple(below))


def left_out(state: TrafficSelection) -> LeftOut | None:
    """What the page tells of what is saved; None where that is nothing."""
    chosen = {value for values in state.included.values() for value in values}
    kinds = {
        "health checks": state.saved.health_checks,
        "404s": state.saved.not_found and NOT_FOUND not in chosen,
        "bots": state.saved.bots and chosen.isdisjoint(BOTS),
    }
    routes = [route for route in state.saved.routes if route not in chosen]
    found = LeftOut(routes, [words for words, leaves_out in kinds.items() if leaves_out])
    return found if found.words else None
