"""The parts of the traffic page, asked for and made side by side (docs/decisions/015)."""

from collections.abc import Mapping

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from applications.models import Application
from dashboard import shared_axis, traffic_rows
from dashboard.arrivals import WAITING_SECONDS
from dashboard.traffic_figures import TrafficFigures
from dashboard.traffic_selection import TrafficSelection


class TrafficParts:
    """What the page is made of: asked for at once, what takes long as the last."""

    def __init__(self, application: Application, state: TrafficSelection) -> None:
        self._application, self._state = application, state
        self._beside = shared_axis.errors_beside.ahead(application, state)
        self._figures = TrafficFigures(application, state)
        self._listing = traffic_rows.listing.ahead(application, state)
        self._values = traffic_rows.values.ahead(self._figures)
        self._routes = traffic_rows.routes.ahead(application, state)
        self._figures.ask_before()
        self._users = traffic_rows.users.ahead(application, state)

    def context(self, base: Mapping[str, object]) -> dict[str, object]:
        """The parts; of an application that has no request yet, that it is empty.

        Two are rendered while PostgreSQL still works on others; the template calls for what is not
        read here, when it comes to it.
        """
        figures = self._figures
        if not figures.now.requests and traffic_rows.is_empty(self._application):
            return {"empty": True, "refresh": WAITING_SECONDS}
        measured = {
            "refresh": 60 if self._state.is_filtered else 10,
            "chart": figures.chart,
            "beside": self._beside(),
            "against": figures.against,
            "too_long_ago": figures.too_long_ago,
            "durations": figures.distribution(),
            "strip": figures.strip(),
            "week": figures.week(),
            "listing": _rendered("list", {**base, "listing": self._listing()}),
            "values": _rendered("values", {"values": self._values()}),
        }
        self._routes.ask_on()
        return {
            **measured,
            "tiles": lambda: figures.tiles(self._users().distinct),
            "routes": self._routes,
            "users": self._users,
        }


def _rendered(part: str, context: dict[str, object]) -> SafeString:
    return render_to_string(f"dashboard/components/_traffic_{part}.html", context)
