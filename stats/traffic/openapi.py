"""What the OpenAPI document says of the parameters that choose requests."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from stats.traffic.parameters import NOT, VALUE_FIELDS

SINCE = OpenApiParameter("since", OpenApiTypes.DATETIME, description="Occurred at or after.")
UNTIL = OpenApiParameter("until", OpenApiTypes.DATETIME, description="Occurred before this time.")
_MEANINGS = {
    "status": "Such as 404, or a class such as 4xx.",
    "country": "ISO 3166-1 alpha-2, such as DE.",
    "route": "A template, such as /users/{id}.",
    "user_agent": "The whole text.",
    "version": "Of the API, such as v1.",
}
VALUES = [
    OpenApiParameter(
        name,
        str,
        many=True,
        description=_MEANINGS.get(name, "Any of these.")
        + f" `{NOT}{name}` leaves out what has such a value.",
    )
    for name in VALUE_FIELDS
]
CHOOSING = [
    *VALUES,
    OpenApiParameter("q", str, description="A part of the path, in any case."),
    OpenApiParameter("min_duration_ms", float, description="This long or longer."),
    OpenApiParameter("max_duration_ms", float, description="This long or shorter."),
]
FILTERS = [
    SINCE,
    UNTIL,
    *CHOOSING,
    OpenApiParameter("cursor", OpenApiTypes.UUID, description="`next_cursor` of the page before."),
]
DELETING = [
    OpenApiParameter("before", OpenApiTypes.DATETIME, description="That occurred earlier."),
    OpenApiParameter("user", str),
    OpenApiParameter("ip_address", str),
    OpenApiParameter("all", bool, default=False, description="All, where nothing else is given."),
]
