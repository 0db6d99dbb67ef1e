"""What the OpenAPI document says of every part of the REST API: credentials, refusals, paths."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

APP_ID = OpenApiParameter("app_id", OpenApiTypes.INT64, "path", description="The application.")


def path_id(name: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.INT64, "path", description="Its id.")


_REFUSALS = {
    400: ("A value can't be used.", {"limit": ["Ensure this value is less than or equal to 50."]}),
    401: ("The credential is missing, unknown or ended.", {"detail": ["There is no such key."]}),
    403: ("You may look, not change.", {"detail": ["You may not do this."]}),
    404: ("It does not exist, or you may not see it.", {"detail": ["There is no such item."]}),
    409: ("In conflict with what is stored.", {"name": ["An application has this name already."]}),
    413: ("The body is too large.", {"detail": ["The body is larger than 20000000 bytes."]}),
    415: ("The body's media type is not known.", {"detail": ["Send application/json."]}),
    429: ("Too many requests; see `Retry-After`.", {"detail": ["Try again in 5 seconds."]}),
    503: ("Not able to answer now; see `Retry-After`.", {"detail": ["Try again in a moment."]}),
}


class ErrorsSerializer(serializers.Serializer[Any]):
    """Why a request was refused: sentences by field, `detail` where no one field is to blame."""

    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))  # type: ignore[assignment]


def refusals(*statuses: int) -> dict[int, OpenApiResponse]:
    """The `responses` of an operation for these statuses, each with its meaning and an example."""
    return {status: _refusal(status) for status in statuses}


def _refusal(status: int) -> OpenApiResponse:
    meaning, errors = _REFUSALS[status]
    example = OpenApiExample(str(status), value={"errors": errors}, response_only=True)
    return OpenApiResponse(ErrorsSerializer, meaning, examples=[example])


class RestCredentials(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Found by drf-spectacular because settings name this module for its preprocessing hook."""

    target_class = "applications.authentication.RestAuthentication"
    name = ["session", "token", "readKey", "readKeyHeader"]

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[Any]]]:
        return [{name: []} for name in self.name]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, Any]]:
        token = "`Token …`: a user's token, made by `manage.py create_token`."  # noqa: S105
        return [
            {"type": "apiKey", "in": "cookie", "name": "sessionid"},
            {"type": "apiKey", "in": "header", "name": "Authorization", "description": token},
            {"type": "http", "scheme": "bearer", "description": "A read key."},
            {
                "type": "apiKey",
                "in": "header",
                "name": "X-AUTH-TOKEN",
                "description": "A read key.",
            },
        ]


def without_trailing_slashes(endpoints: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Paths work with and without their last slash; the document shows the short ones."""
    return [(path.rstrip("/"), *rest) for path, *rest in endpoints]
