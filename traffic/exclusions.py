"""What pages leave out of an application's traffic, unless they are asked to show everything."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from traffic.models import Policy
from traffic.records import MOST_OF
from traffic.routes import OTHER
from traffic.user_agents import BOTS

# Where services tell those who watch them that they are up, with or without a slash at the end.
HEALTH_CHECKS = (
    "/health", "/healthz", "/livez", "/readyz", "/live", "/ready", "/ping", "/status", "/_health",
    "/metrics",
)  # fmt: skip
NOT_FOUND = 404
MOST_ROUTES = 200
_ANY_REST = "/*"


class TooManyHidden(Exception):
    """An application hides MOST_ROUTES already."""


@dataclass(frozen=True, slots=True)
class Exclusions:
    """A route is hidden by its name, whatever the method; a last `*` is any rest, as in /files/*.

    `{id}` in it is a part of its name: routes are named so.
    """

    routes: Sequence[str] = ()
    health_checks: bool = False
    not_found: bool = False
    bots: bool = False

    def __bool__(self) -> bool:
        return bool(self.routes) or self.health_checks or self.not_found or self.bots

    @property
    def places(self) -> list[str]:
        """Below which all routes are hidden, and they themselves: /files of /files/*."""
        places = [route.removesuffix(_ANY_REST) for route in self.routes if _has_any_rest(route)]
        return [place for place in places if place]  # a route /* hides itself, not all others

    def columns(self, below: Collection[str] = ()) -> Mapping[str, Sequence[object]]:
        """The values that are left out, by column; `below` are the routes below the places."""
        routes = [*self.routes, *below]
        if self.health_checks:
            routes += [route + slash for route in HEALTH_CHECKS for slash in ("", "/")]
        columns: dict[str, Sequence[object]] = {
            "route": list(dict.fromkeys(routes)),
            "status": [NOT_FOUND] if self.not_found else [],
            "device": BOTS if self.bots else (),
        }
        return {column: values for column, values in columns.items() if values}


NO_EXCLUSIONS = Exclusions()


def exclusions(policy: Policy) -> Exclusions:
    return Exclusions(
        routes=tuple(policy.hidden_routes),
        health_checks=policy.leave_out_health_checks,
        not_found=policy.leave_out_not_found,
        bots=policy.leave_out_bots,
    )


def is_route(text: str) -> bool:
    """Whether it can be the name of a route, or a pattern of them."""
    fits = len(text) <= MOST_OF["route"] and len(text.splitlines()) == 1 and "\0" not in text
    return fits and (text.startswith("/") or text == OTHER)


@transaction.atomic
def hide(application_id: int, route: str) -> None:
    """Leave a route out from now on. Raises TooManyHidden."""
    Policy.objects.get_or_create(application_id=application_id)
    policy = Policy.objects.select_for_update().get(pk=application_id)
    if route in policy.hidden_routes:
        return
    if len(policy.hidden_routes) >= MOST_ROUTES:
        raise TooManyHidden
    policy.hidden_routes.append(route)
    policy.save(update_fields=["hidden_routes"])


@transaction.atomic
def show(application_id: int, route: str) -> None:
    """Show a hidden route again."""
    policy = Policy.objects.select_for_update().filter(pk=application_id).first()
    if policy is not None and route in policy.hidden_routes:
        policy.hidden_routes.remove(route)
        policy.save(update_fields=["hidden_routes"])


def _has_any_rest(route: str) -> bool:
    return route.endswith(_ANY_REST)
