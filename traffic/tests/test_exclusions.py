"""What an application's pages leave out, as it is saved."""

import pytest

from applications.factories import create_application
from traffic import exclusions, policies
from traffic.exclusions import HEALTH_CHECKS, NO_EXCLUSIONS, Exclusions
from traffic.models import Policy


def saved(application_id: int) -> list[str]:
    return list(policies.stored(application_id).hidden_routes)


def test_what_is_left_out_is_told_by_column() -> None:
    both = Exclusions(routes=["/a", "/users/{id}"], not_found=True, bots=True)
    assert both.columns() == {
        "route": ["/a", "/users/{id}"],
        "status": [404],
        "device": ("Bot", "AI crawler"),
    }
    assert NO_EXCLUSIONS.columns() == {}


def test_health_checks_are_known_with_and_without_a_last_slash() -> None:
    routes = Exclusions(routes=["/ping"], health_checks=True).columns()["route"]
    assert set(routes) == {*HEALTH_CHECKS, *(f"{route}/" for route in HEALTH_CHECKS)}
    assert len(routes) == len(set(routes))


def test_a_last_star_is_any_rest_and_alone_it_is_a_route_of_that_name() -> None:
    hidden = Exclusions(routes=["/files/*", "/a/{id}", "/*", "/b*"])
    assert hidden.places == ["/files"]
    assert hidden.columns(["/files/x"])["route"] == ["/files/*", "/a/{id}", "/*", "/b*", "/files/x"]


@pytest.mark.parametrize("route", ["/", "/users/{id}", "/files/*", "(other)", "/" + "x" * 254])
def test_a_route_is_one(route: str) -> None:
    assert exclusions.is_route(route)


@pytest.mark.parametrize("text", ["", "a", "/" + "x" * 255, "/a\nb", "/a\0", "/a\u2028b"])
def test_what_no_route_is_called_is_none(text: str) -> None:
    assert not exclusions.is_route(text)


@pytest.mark.django_db
def test_routes_are_hidden_once_and_shown_again() -> None:
    application = create_application()
    for route in ("/a", "/b", "/a"):
        exclusions.hide(application.pk, route)
    assert saved(application.pk) == ["/a", "/b"]
    for route in ("/a", "/c", "/a"):
        exclusions.show(application.pk, route)
    assert saved(application.pk) == ["/b"]


@pytest.mark.django_db
def test_to_hide_a_route_keeps_the_rest_of_the_policy() -> None:
    application = create_application()
    Policy.objects.create(application=application, apdex_ms=70, leave_out_bots=True)
    exclusions.hide(application.pk, "/a")
    policy = policies.stored(application.pk)
    assert (policy.apdex_ms, policy.leave_out_bots) == (70, True)


@pytest.mark.django_db
def test_where_nothing_was_set_nothing_is_left_out_and_nothing_can_be_shown() -> None:
    application = create_application()
    exclusions.show(application.pk, "/a")
    assert not exclusions.exclusions(policies.stored(application.pk))
    assert not Policy.objects.exists()


@pytest.mark.django_db
def test_more_than_so_many_are_not_hidden_one_by_one() -> None:
    application = create_application()
    routes = [f"/{n}" for n in range(exclusions.MOST_ROUTES)]
    Policy.objects.create(application=application, hidden_routes=routes)
    exclusions.hide(application.pk, "/7")
    with pytest.raises(exclusions.TooManyHidden):
        exclusions.hide(application.pk, "/one-more")
    assert saved(application.pk) == routes
