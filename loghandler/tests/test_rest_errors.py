"""The one shape of errors, whatever went wrong and whoever noticed."""

from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, ValidationError
from django.db import OperationalError, connection
from django.http import Http404
from django.test import Client, RequestFactory
from rest_framework import exceptions

from loghandler import error_pages
from loghandler.api import Conflict, Unavailable, errors, exception_response


@pytest.mark.parametrize(
    ("detail", "flat"),
    [
        ({"detail": "No."}, {"detail": ["No."]}),
        (["No.", "Never."], {"detail": ["No.", "Never."]}),
        ({"limit": ["No."]}, {"limit": ["No."]}),
        ({"limit": "No."}, {"limit": ["No."]}),
        ({"non_field_errors": ["No."]}, {"detail": ["No."]}),
        ({"tags": {"a": ["No."], "b": ["No."]}}, {"tags.a": ["No."], "tags.b": ["No."]}),
        ({"tags": {"non_field_errors": ["No."]}}, {"tags": ["No."]}),
        ([{}, {"name": ["No."]}], {"1.name": ["No."]}),
        ({"items": {3: ["No."]}}, {"items.3": ["No."]}),
        ({"\ud800": ["No \udfff."]}, {"?": ["No ?."]}),
    ],
)
def test_nested_errors_become_one_level(detail: Any, flat: dict[str, list[str]]) -> None:
    assert errors(detail) == flat


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (Http404("Not here."), 404, {"detail": ["Not here."]}),
        (ValidationError({"name": ["No."]}), 400, {"name": ["No."]}),
        (ValidationError("No."), 400, {"detail": ["No."]}),
        (SuspiciousOperation("secret"), 400, {"detail": ["The request can't be understood."]}),
        (RequestDataTooBig("x"), 413, {"detail": ["The body is too large."]}),
        (Conflict({"name": ["Taken."]}), 409, {"name": ["Taken."]}),
        (
            exceptions.Throttled(9),
            429,
            {"detail": ["Request was throttled. Expected available in 9 seconds."]},
        ),
    ],
)
def test_each_refusal_has_its_status_and_the_same_shape(
    error: Exception, status: int, body: dict[str, list[str]]
) -> None:
    response = exception_response(error, {})
    assert response is not None
    assert response.status_code == status
    assert response.data == {"errors": body}


@pytest.mark.parametrize("error", [OperationalError("gone"), Unavailable()])
def test_a_database_that_does_not_answer_is_a_503_that_says_when_to_retry(error: Exception) -> None:
    response = exception_response(error, {})
    assert response is not None
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert response.data["errors"]["detail"]


def test_an_unknown_failure_is_not_hidden() -> None:
    assert exception_response(KeyError("x"), {}) is None


@pytest.mark.parametrize("path", ["/apps/1/nothing", "/apps/1/2/3/", "/schema/nothing"])
def test_an_unknown_path_of_the_rest_api_is_a_404_in_the_same_shape(path: str) -> None:
    response = Client().get(path)
    assert response.status_code == 404
    assert response.json() == {"errors": {"detail": ["There is nothing at this path."]}}


def test_an_unknown_path_elsewhere_is_a_page() -> None:
    response = Client().get("/appstore")
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(("path", "kind"), [("/apps", "application/json"), ("/x", "text/html")])
@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_failures_outside_of_views_are_json_for_the_rest_api_alone(
    path: str, kind: str, status: int
) -> None:
    request, error = RequestFactory().get(path), SuspiciousOperation({})
    response = {
        400: lambda: error_pages.bad_request(request, error),
        403: lambda: error_pages.permission_denied(request, error),
        404: lambda: error_pages.not_found(request, error),
        500: lambda: error_pages.server_error(request),
    }[status]()
    assert response.status_code == status
    assert response["Content-Type"].startswith(kind)


@pytest.mark.django_db
def test_a_search_that_takes_too_long_is_told_what_to_change() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '1ms'")
        with pytest.raises(OperationalError) as caught:
            cursor.execute("SELECT pg_sleep(5)")
    response = exception_response(caught.value, {})
    assert response is not None
    assert response.status_code == 503
    expected = "The answer takes too long to find; ask for a shorter range."
    assert response.data == {"errors": {"detail": [expected]}}
