"""Whatever a framework writes, the template of a path is told alike."""

from __future__ import annotations

import pytest

from loghandler_client.patterns import of_braces, of_converters, of_filters, of_regex


@pytest.mark.parametrize(
    ("rule", "template"),
    [
        ("/plain", "/plain"),
        ("/users/<int:id>/", "/users/{id}/"),
        ("/<slug>-<int(min=1, max=5):page>.<ext>", "/{slug}-{page}.{ext}"),
        ("/any/<any(open, 'in part'):state>", "/any/{state}"),
    ],
)
def test_of_flask_and_django(rule: str, template: str) -> None:
    assert of_converters(rule) == template


@pytest.mark.parametrize(
    ("rule", "template"),
    [
        ("/plain", "/plain"),
        ("/users/<id>", "/users/{id}"),
        ("/users/<id:int>.<ext>", "/users/{id}.{ext}"),
        ("/users/<id:re:[a-z]{2}:[0-9]+>/<rest:path>", "/users/{id}/{rest}"),
        ("/users/<:re:[0-9]+>", "/users/{value}"),
    ],
)
def test_of_bottle(rule: str, template: str) -> None:
    assert of_filters(rule) == template


@pytest.mark.parametrize(
    ("rule", "template"),
    [
        ("plain", "/plain"),
        ("/users/{id}", "/users/{id}"),
        (r"users/{id:\d{2,9}}/{kind:a|b}", "/users/{id}/{kind}"),
        ("/users/{id:int(min=1)}.{ext}", "/users/{id}.{ext}"),
        ("/files/*rest", "/files/{rest}"),
    ],
)
def test_of_pyramid_and_falcon(rule: str, template: str) -> None:
    assert of_braces(rule) == template


@pytest.mark.parametrize(
    ("rule", "template"),
    [
        (r"^users/(?P<id>[0-9]+)/$", "users/{id}/"),
        (r"^users\.(?P<format>[a-z]+)/?\Z", "users.{format}/"),
        (r"^a/([^)]+)/(?P<b>(x|y){2})$", "a/{value}/{b}"),
        (r"shops/<int:shop>/^(?P<rest>.*)$", "shops/<int:shop>/{rest}"),
        (r"^pages/\d+/$", None),
        (r"^pages/[0-9]+/$", None),
    ],
)
def test_of_regular_expressions(rule: str, template: str | None) -> None:
    assert of_regex(rule) == template
