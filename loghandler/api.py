"""The base of the REST API: one shape of errors, one way to page.

Every refusal is `{"errors": {"<field, or 'detail'>": ["A sentence.", …]}}`.
"""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from django.core import exceptions as django_exceptions
from django.db import InterfaceError, OperationalError
from django.db.models import Model, QuerySet
from django.forms import Form
from django.http import Http404, UnreadablePostError
from django_filters.utils import translate_validation
from psycopg.errors import QueryCanceled
from rest_framework import exceptions, serializers, status
from rest_framework.fields import get_error_detail
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import APIView, exception_handler

logger = logging.getLogger(__name__)

DEFAULT_LIMIT = 20
MOST_ITEMS = 50
MOST_OFFSET = 2**31 - 1
Errors = dict[str, list[str]]
Row = TypeVar("Row", bound=Model)


class Conflict(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = "This is in conflict with what is stored."
    default_code = "conflict"


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is too large."
    default_code = "too_large"


class Unavailable(exceptions.APIException):
    """The service can't answer for the moment; `wait` (seconds) becomes `Retry-After`."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "The database does not answer in time. Try again in a moment."
    default_code = "unavailable"
    wait = 5


def exception_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """What a refused REST request is answered with; None leaves an unknown failure to be a 500."""
    response = exception_handler(_as_api_exception(error), context)
    if response is not None:
        response.data = {"errors": errors(response.data)}
    return response


def errors(detail: Any) -> Errors:
    """Nested errors as one level: `{"tags": {"a": ["…"]}}` becomes `{"tags.a": ["…"]}`."""
    flat: Errors = {}
    for path, sentence in _sentences(detail, ()):
        flat.setdefault(_encodable(".".join(path)) or "detail", []).append(_encodable(sentence))
    return flat


def _encodable(text: str) -> str:
    """With `?` for lone surrogates, which JSON brings in and UTF-8 does not let out."""
    return text.encode(errors="replace").decode()


def _sentences(detail: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            nameless = name in {api_settings.NON_FIELD_ERRORS_KEY, "detail"}
            yield from _sentences(inner, path if nameless else (*path, str(name)))
    elif isinstance(detail, list | tuple):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list | tuple)
            yield from _sentences(inner, (*path, str(index)) if nested else path)
    else:
        yield path, str(detail)


def _as_api_exception(error: Exception) -> Exception:
    """Django's own refusals as REST's; what is neither stays as it is."""
    match error:
        case django_exceptions.ValidationError():
            return exceptions.ValidationError(get_error_detail(error))
        case django_exceptions.RequestDataTooBig():
            return TooLarge()
        case django_exceptions.SuspiciousOperation() | UnreadablePostError():
            return exceptions.ParseError("The request can't be understood.")
        case OperationalError(__cause__=QueryCanceled()):
            return Unavailable("The answer takes too long to find; ask for a shorter range.")
        case OperationalError() | InterfaceError():
            logger.error("The database refused a REST request: %s", error)
            return Unavailable()
        case _:
            return error


def json_body(request: Request, most_bytes: int = 100_000) -> Any:
    """The JSON of a small body, {} where there is none.

    Read here and not by DRF, which takes a chunked body for an empty one and reads any size.
    """
    body = request.read(most_bytes + 1)
    if len(body) > most_bytes:
        raise TooLarge(f"The body is larger than {most_bytes} bytes.")
    # A form is read by the check for forgery, so that its length alone tells of it.
    if not body and request.META.get("CONTENT_LENGTH") in {None, "", "0"}:
        return {}
    if request.content_type.partition(";")[0].strip().lower() != "application/json":
        raise exceptions.UnsupportedMediaType(request.content_type)
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise exceptions.ParseError(f"The body is not JSON: {error}.") from error


def wanted(
    request: Request, shape: type[serializers.Serializer[Any]], *, partial: bool = False
) -> dict[str, Any]:
    """What a small JSON body asks for, in a shape. Raises ValidationError by field."""
    wishes = shape(data=json_body(request), partial=partial)
    wishes.is_valid(raise_exception=True)
    return dict(wishes.validated_data)


class Wishes(serializers.Serializer[Any]):
    """What is not named has its usual value; in a PATCH it stays as it is."""

    needed: tuple[str, ...]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.required = name in self.needed and not self.partial


def with_id(rows: QuerySet[Row], id_: str, what: str) -> Row:
    """The row of this id, any text of a path. Raises Http404: "There is no such <what>."."""
    # int() would also take '1_0' and digits of other scripts.
    if id_.isascii() and id_.isdecimal() and len(id_) < 19:
        found = rows.filter(pk=int(id_)).first()
        if found is not None:
            return found
    raise Http404(f"There is no such {what}.")


def with_ids(rows: QuerySet[Row], ids: Sequence[int], what: str) -> list[Row]:
    """The rows that a body names as `<what>s`. Raises ValidationError for one that is not there."""
    found = list(rows.filter(pk__in=ids))
    if missing := sorted(set(ids) - {row.pk for row in found}):
        raise exceptions.ValidationError({f"{what}s": [f"There is no {what} {missing[0]}."]})
    return found


@contextmanager
def storing(field: str) -> Iterator[None]:
    """Refuse what can't be stored, by its field: `field` where a sentence names none."""
    try:
        yield
    except django_exceptions.ValidationError as error:
        if django_exceptions.NON_FIELD_ERRORS in error.message_dict:  # of a unique name
            taken = error.message_dict[django_exceptions.NON_FIELD_ERRORS]
            raise Conflict({"name": taken}) from error
        raise
    except ValueError as error:
        raise exceptions.ValidationError({field: [str(error)]}) from error


def check(form: Form) -> None:
    """Refuse what is wrong with the parameters of an address."""
    if not form.is_valid():
        raise translate_validation(form.errors)


class _Window(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=1, max_value=MOST_ITEMS, default=DEFAULT_LIMIT)
    offset = serializers.IntegerField(min_value=0, max_value=MOST_OFFSET, default=0)


def window(request: Request) -> tuple[int, int]:
    """The `limit` and `offset` of a list."""
    asked = _Window(data=request.query_params)
    asked.is_valid(raise_exception=True)
    return asked.validated_data["limit"], asked.validated_data["offset"]


class OffsetPagination(BasePagination):
    """`?limit=&offset=` and `{"items": […], "next_offset": N or null}`.

    Never counts: one row more than asked for tells whether there is a next page.
    """

    next_offset: int | None = None

    def paginate_queryset(
        self, queryset: QuerySet[Any] | Sequence[Any], request: Request, view: APIView | None = None
    ) -> list[Any]:
        limit, offset = window(request)
        rows = list(queryset[offset : offset + limit + 1])
        self.next_offset = offset + limit if len(rows) > limit else None
        return rows[:limit]

    def get_paginated_response(self, data: Sequence[Any]) -> Response:
        return Response({"items": data, "next_offset": self.next_offset})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        next_offset = {
            "type": "integer",
            "nullable": True,
            "example": DEFAULT_LIMIT,
            "description": "The `offset` of the next page; null at the end.",
        }
        return {
            "type": "object",
            "required": ["items", "next_offset"],
            "properties": {"items": schema, "next_offset": next_offset},
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        limit = {"type": "integer", "minimum": 1, "maximum": MOST_ITEMS, "default": DEFAULT_LIMIT}
        offset = {"type": "integer", "minimum": 0, "maximum": MOST_OFFSET, "default": 0}
        return [
            {"name": "limit", "in": "query", "description": "Most items.", "schema": limit},
            {"name": "offset", "in": "query", "description": "Items to skip.", "schema": offset},
        ]


# A page by cursor; the view pages, this describes it.
CURSOR_PROPERTIES: dict[str, Any] = {
    "next_cursor": {
        "type": "string",
        "format": "uuid",
        "nullable": True,
        "example": "019aa5a1-4a10-7c3e-8b2f-2f1d6c5b4a39",
        "description": "The `cursor` of the next page; null at the end.",
    },
    "searched_until": {
        "type": "string",
        "format": "date-time",
        "nullable": True,
        "example": None,
        "description": "How far back was looked, where the page ends before it is full because "
        "what is asked for is rare; `next_cursor` goes on from there. Otherwise null.",
    },
}


class CursorPagination(OffsetPagination):
    """`?limit=&cursor=` and `{"items": […], "next_cursor": …, "searched_until": …}`."""

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["items", "next_cursor", "searched_until"],
            "properties": {"items": schema, **CURSOR_PROPERTIES},
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return super().get_schema_operation_parameters(view)[:1]
