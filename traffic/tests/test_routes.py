"""Paths become routes: by declared templates, by how their parts look, by how many there are."""

from datetime import date

import pytest

from traffic import routes
from traffic.routes import Learner


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "/"),
        ("", "/"),
        ("/users", "/users"),
        ("/users/", "/users"),
        ("//users//list", "/users/list"),
        ("/users/42/orders/9", "/users/{id}/orders/{id}"),
        ("/users/-7", "/users/{id}"),
        ("/v1/items/3.5", "/v1/items/{id}"),
        ("/api/v12/users", "/api/v12/users"),
        ("/u/4511978f-03ac-433a-85fb-0465cded48c0", "/u/{id}"),
        ("/u/4511978F03AC433A85FB0465CDED48C0", "/u/{id}"),
        ("/commit/deadbeef", "/commit/deadbeef"),  # a word, for all that can be seen
        ("/commit/9f86d081", "/commit/{id}"),
        ("/tx/0x9f86d081ab", "/tx/{id}"),
        ("/o/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/o/{id}"),
        ("/c/cus_9s6XKzkNRiz8i3", "/c/{id}"),
        ("/report/2026-11-21", "/report/{date}"),
        ("/report/2026-11", "/report/{date}"),
        ("/at/2026-11-21T08:00:00Z", "/at/{date}"),
        ("/mail/ann@example.com", "/mail/{email}"),
        ("/mail/ann%40example.com", "/mail/{email}"),
        ("/files/7.pdf", "/files/{id}.pdf"),
        ("/files/index.html", "/files/index.html"),
        ("/docs/getting-started-2", "/docs/getting-started-2"),
        ("/oauth2/authorize", "/oauth2/authorize"),
        ("/s3/bucket", "/s3/bucket"),
        ("/users/update", "/users/update"),
        ("/o'brien", "/o'brien"),
        ("/a--b", "/a--b"),
        (f"/say/{'x' * 65}", "/say/{text}"),
        ("/" + "/".join("abcdefghijklmn"), "/a/b/c/d/e/f/g/h/i/j/k/l/…"),
    ],
)
def test_parts_that_look_like_values_become_placeholders(path: str, route: str) -> None:
    assert routes.route(path) == route


def test_declared_templates_win_and_the_first_that_fits() -> None:
    templates = ["/files/*", "/tags/{tag}", "/users/me", "/*"]
    found = {
        path: routes.route(path, templates)
        for path in ("/files/a/b", "/files", "/tags/red", "/users/me", "/users/7")
    }
    assert found == {
        "/files/a/b": "/files/*",
        "/files": "/files/*",
        "/tags/red": "/tags/{tag}",
        "/users/me": "/users/me",
        "/users/7": "/*",
    }


def test_below_a_learned_place_every_part_is_a_value() -> None:
    assert routes.route("/tags/red/7", (), {"/tags"}) == "/tags/{value}/{id}"
    assert routes.route("/tags", (), {"/tags"}) == "/tags"


@pytest.mark.parametrize(
    ("path", "version"),
    [("/v1/users", "v1"), ("/api/V10/x", "v10"), ("/v2.1/x", "v2.1"), ("/vital/1", None)],
)
def test_the_version_of_an_api_is_a_part_of_its_path(path: str, version: str | None) -> None:
    assert routes.version(path) == version


def test_a_place_with_too_many_children_is_learned() -> None:
    learner = Learner()
    names = [f"name{'abcdefghij'[n // 10]}{'abcdefghij'[n % 10]}" for n in range(100)]
    names += ["one-too-many", "another"]
    found = [learner.admitted(f"/tags/{name}", 200) for name in names]
    assert found[:100] == [f"/tags/{name}" for name in names[:100]]
    assert found[100:] == ["/tags/{value}"] * 2
    assert learner.learned == {"/tags"}
    assert learner.admitted("/tags/{value}/posts", 200) == "/tags/{value}/posts"


def test_what_was_not_found_teaches_nothing_and_crowds_out_nothing() -> None:
    learner = Learner()
    guesses = [learner.admitted(f"/guess/{n}.php", 404) for n in range(routes.MOST_MISSING + 1)]
    assert guesses[-1] == routes.OTHER
    assert not learner.learned
    assert learner.admitted("/users/{id}", 200) == "/users/{id}"
    assert learner.admitted("/users/{id}", 404) == "/users/{id}"


def test_past_the_bound_there_is_one_other_route_until_the_next_day() -> None:
    learner = Learner()
    learner.begin(date(2026, 11, 26))
    for n in range(routes.MOST_ROUTES):
        learner.admitted(f"/{n // 50}/{n % 50}", 200)
    assert learner.admitted("/more", 200) == routes.OTHER
    learner.begin(date(2026, 11, 27))
    assert learner.admitted("/more", 200) == "/more"
