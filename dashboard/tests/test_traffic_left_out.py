"""What the traffic page leaves out by what its application saves, and how to have it back."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from applications.factories import create_application, create_member
from applications.models import Application, Membership
from dashboard.tests.reading_pages import Elements
from dashboard.tests.traffic_pages import drawn, page, store
from traffic import policies
from traffic.exclusions import HEALTH_CHECKS
from traffic.factories import create_request_record
from traffic.models import Policy, Request
from traffic.records import RequestRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def application() -> Application:
    return create_application("shop")


@pytest.fixture
def client(client: Client, application: Application) -> Client:
    client.force_login(create_member(application, Membership.ADMIN))
    return client


def request(path: str = "/a", **fields: Any) -> RequestRecord:
    occurred_at = timezone.now() - timedelta(minutes=1)
    return create_request_record(path, occurred_at=occurred_at, **fields)


def leave_out(application: Application, **fields: Any) -> None:
    Policy.objects.update_or_create(application=application, defaults=fields)


def requests(found: Elements) -> int:
    """Their number, which the tile, the chart, the routes and the list tell alike."""
    asked: int = sum(sum(one["values"]) for one in drawn(found)["series"])
    listed = len(found.texts("bdi", "request-path"))
    assert found.texts("span", "tile-figure")[0] == str(asked) == str(listed)
    return asked


def routes(found: Elements) -> set[str]:
    return {" ".join(text.split()) for text in found.texts("a", "route")}


def told(found: Elements) -> str:
    """The line, without its menu of routes."""
    (text, *_) = [*found.texts("div", "left-out"), ""]
    for menu in found.all("div"):
        if menu.inside[-2:] == ["div", "details"]:
            text = text.replace(menu.text, "")
    return " ".join(text.split())


def send(client: Client, application: Application, name: str, **values: str) -> Any:
    return client.post(f"/applications/{application.pk}/settings/left-out/{name}", values)


CASES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"hidden_routes": ["/b"]}, {"path": "/b"}, "1 hidden route is left out."),
    ({"hidden_routes": ["/b"]}, {"path": "/b", "method": "POST"}, "1 hidden route is left out."),
    ({"hidden_routes": ["/in/*"]}, {"path": "/in/side/x"}, "1 hidden route is left out."),
    ({"hidden_routes": ["/u/{id}"]}, {"path": "/u/7"}, "1 hidden route is left out."),
    ({"leave_out_not_found": True}, {"path": "/b", "status": 404}, "404s are left out."),
    ({"leave_out_bots": True}, {"user_agent": "Googlebot/2.1"}, "Bots are left out."),
    ({"leave_out_bots": True}, {"user_agent": "GPTBot/1.2"}, "Bots are left out."),
    ({"leave_out_health_checks": True}, {"path": "/healthz"}, "Health checks are left out."),
    (
        {"leave_out_health_checks": True},
        {"path": "/ready/", "route": "/ready/"},
        "Health checks are left out.",
    ),
]


@pytest.mark.parametrize(("saved", "fields", "words"), CASES)
def test_what_is_saved_is_left_out_of_everything_until_that_is_asked_for(
    client: Client,
    application: Application,
    saved: dict[str, Any],
    fields: dict[str, Any],
    words: str,
) -> None:
    store(application, request(**fields), request(), request("/inside"), request("/u/me"))
    assert requests(page(client, application)) == 4
    leave_out(application, **saved)
    found = page(client, application)
    assert requests(found) == 3
    assert routes(found) == {"GET /a", "GET /inside", "GET /u/me"}
    assert words in told(found)
    assert "?everything=1" in found.links()
    everything = page(client, application, everything="1")
    assert requests(everything) == 4
    assert told(everything).startswith("Everything is shown. Leave out ")
    assert "?" in everything.links()


def test_nothing_is_said_where_nothing_is_left_out(
    client: Client, application: Application
) -> None:
    store(application, request("/health"), request(status=404))
    found = page(client, application)
    assert (told(found), requests(found)) == ("", 2)


def test_all_that_is_left_out_is_told_in_one_line(client: Client, application: Application) -> None:
    store(application, request())
    kinds = dict.fromkeys(("health_checks", "not_found", "bots"), True)
    leave_out(
        application,
        hidden_routes=["/b", "/c"],
        **{f"leave_out_{kind}": value for kind, value in kinds.items()},
    )
    words = "2 hidden routes, health checks, 404s and bots"
    assert told(page(client, application)).startswith(f"{words} are left out. ")
    assert words in told(page(client, application, everything="1"))


def test_what_is_chosen_by_name_is_shown_though_it_is_left_out(
    client: Client, application: Application
) -> None:
    leave_out(
        application, hidden_routes=["/b"], leave_out_not_found=True, leave_out_health_checks=True
    )
    store(application, request("/b"), request("/c", status=404), request("/ping"), request())
    hidden = page(client, application, route="/b")
    assert requests(hidden) == 1
    assert "hidden" not in told(hidden)
    assert requests(page(client, application, route="/ping")) == 1
    missing = page(client, application, status="404")
    assert requests(missing) == 1
    assert "404s" not in told(missing)
    assert requests(page(client, application, not_route="/a")) == 0


def test_a_route_is_hidden_in_place_and_shown_again(
    client: Client, application: Application
) -> None:
    store(application, request("/a"), request("/b"))
    found = page(client, application, range="7d")
    buttons = found.all("button", "hide-route")
    assert {one.attributes["value"] for one in buttons} == {"/a", "/b"}
    assert {one.attributes["form"] for one in buttons} == {"hide-route"}
    answer = send(client, application, "hide/", route="/b", page="?range=7d&sort=-p95")
    assert answer["Location"] == f"/applications/{application.pk}/traffic/?range=7d&sort=-p95"
    found = page(client, application)
    assert routes(found) == {"GET /a"}
    assert "/b is hidden for everybody." in found.texts("p", "notice")
    (again,) = [one for one in found.all("button") if one.attributes.get("form") == "show-route"]
    assert again.attributes["value"] == "/b"
    everything = page(client, application, everything="1")
    shown = {
        one.attributes["value"]: one.attributes["form"]
        for one in everything.all("button", "hide-route")
    }
    assert shown == {"/a": "hide-route", "/b": "show-route"}
    send(client, application, "show/", route="/b", page="?everything=1")
    assert routes(page(client, application)) == {"GET /a", "GET /b"}


def test_after_a_route_is_hidden_the_page_is_not_that_of_the_route(
    client: Client, application: Application
) -> None:
    answer = send(client, application, "hide/", route="/b", page="?method=GET&route=/b&status=200")
    assert answer["Location"].endswith("/traffic/?status=200")


@pytest.mark.parametrize(
    "page_", ["https://elsewhere.example/", "//elsewhere.example", "range=x", "\0"]
)
def test_whatever_page_is_named_it_leads_back_to_the_traffic(
    client: Client, application: Application, page_: str
) -> None:
    answer = send(client, application, "hide/", route="/b", page=page_)
    assert answer["Location"] == f"/applications/{application.pk}/traffic/?"


@pytest.mark.parametrize("route", ["", "b", "/" + "x" * 255, "/a\nb", "/\0"])
@pytest.mark.parametrize("name", ["hide/", "show/"])
def test_what_is_no_route_is_a_400(
    client: Client, application: Application, name: str, route: str
) -> None:
    assert send(client, application, name, route=route).status_code == 400
    assert not Policy.objects.exists()


def test_one_route_too_many_is_refused_with_advice(
    client: Client, application: Application
) -> None:
    store(application, request())
    leave_out(application, hidden_routes=[f"/{n}" for n in range(200)])
    send(client, application, "hide/", route="/b")
    (said,) = page(client, application).texts("p", "notice-bad")
    assert said == "200 routes are hidden. Show one again, or hide several by *."


def test_who_may_only_look_is_told_but_changes_nothing(application: Application) -> None:
    store(application, request(), request("/b"))
    leave_out(application, hidden_routes=["/b"])
    viewer = Client()
    viewer.force_login(create_member(application, Membership.VIEWER))
    found = page(viewer, application)
    assert "1 hidden route" in told(found)
    assert "Change" not in told(found)
    assert not found.all("button", "hide-route")
    assert send(viewer, application, "show/", route="/b").status_code == 403
    assert policies.stored(application.pk).hidden_routes == ["/b"]


def test_the_settings_say_what_is_left_out(client: Client, application: Application) -> None:
    answer = send(
        client,
        application,
        "",
        hidden_routes=" /b \n\n/in/*\n/b\n(other)",
        leave_out_bots="on",
        leave_out_health_checks="on",
    )
    assert answer.status_code == 302
    policy = policies.stored(application.pk)
    assert policy.hidden_routes == ["/b", "/in/*", "(other)"]
    assert (policy.leave_out_bots, policy.leave_out_health_checks) == (True, True)
    assert not policy.leave_out_not_found
    text = client.get(f"/applications/{application.pk}/settings/").content.decode()
    assert "/b\n/in/*\n(other)</textarea>" in text
    assert ", ".join(HEALTH_CHECKS) in text


def test_routes_that_can_not_be_used_are_told(client: Client, application: Application) -> None:
    answer = send(client, application, "", hidden_routes="health", leave_out_bots="on")
    assert "is no route; begin with a slash" in answer.content.decode()
    assert not Policy.objects.exists()


def test_files_leave_out_what_the_page_does_and_rest_tells_all(
    client: Client, application: Application
) -> None:
    store(application, request(), request("/b"))
    leave_out(application, hidden_routes=["/b"])

    def paths(query: str) -> list[str]:
        answer: Any = client.get(f"/applications/{application.pk}/traffic.ndjson{query}")
        return sorted(json.loads(one)["path"] for one in b"".join(answer.streaming_content).split())

    assert paths("") == ["/a"]
    assert paths("?everything=1") == ["/a", "/b"]
    listed = client.get(f"/apps/{application.pk}/requests").json()["items"]
    assert sorted(one["path"] for one in listed) == ["/a", "/b"]


def test_hidden_routes_and_404s_are_left_out_of_figures_without_a_look_at_requests(
    client: Client, application: Application
) -> None:
    before = timezone.now() - timedelta(days=2)
    store(application, request(), request("/in/b"), request(status=404))
    store(application, create_request_record("/old", occurred_at=before))
    Request.objects.of(application.pk).filter(occurred_at__gt=before).delete()
    leave_out(application, hidden_routes=["/in/*"], leave_out_not_found=True)
    found = page(client, application)
    assert (found.texts("span", "tile-figure")[0], routes(found)) == ("1", {"GET /a"})


@pytest.mark.parametrize(("saved", "most"), [(["/b"], 34), (["/b", "/in/*"], 35)])
def test_the_number_of_queries_stays(
    client: Client,
    application: Application,
    saved: list[str],
    most: int,
    django_assert_max_num_queries: Any,
) -> None:
    store(application, *[request(f"/in/{n}x") for n in range(30)], request())
    leave_out(application, hidden_routes=saved, leave_out_not_found=True)
    with django_assert_max_num_queries(most):
        page(client, application)
