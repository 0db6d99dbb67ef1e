"""What every REST view does unless it says otherwise.

Apart from api.py: settings name these, and DRF's views ask the settings while they are imported.
"""

from collections.abc import Iterable
from typing import Any

from rest_framework.metadata import BaseMetadata
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class Methods(BaseMetadata):
    """The answer to OPTIONS: the methods of a path; what they take is said at /docs/."""

    def determine_metadata(self, request: Request, view: Any) -> dict[str, list[str]]:
        return {"methods": view.allowed_methods}


class OnlyChoice(DefaultContentNegotiation):
    """Answers in the only format there is, whatever `Accept` asks for: better than a 406."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, Any]:
        choices = list(renderers)
        if len(choices) == 1:
            return choices[0], choices[0].media_type
        chosen: tuple[BaseRenderer, Any] = super().select_renderer(request, choices, format_suffix)
        return chosen
