"""Views of the traffic page, kept by name for everybody who sees the application."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from applications.factories import create_application, create_member
from applications.models import Application, Membership
from dashboard.tests.reading_pages import Elements, elements
from ingest import pipeline
from ingest.factories import create_requests
from traffic.factories import create_request_record
from traffic.models import SavedView

pytestmark = pytest.mark.django_db


@pytest.fixture
def application() -> Application:
    application = create_application("shop")
    occurred_at = timezone.now() - timedelta(minutes=1)
    pipeline.accept(
        application.pk, create_requests(create_request_record("/a", occurred_at=occurred_at))
    )
    return application


@pytest.fixture
def client(client: Client, application: Application) -> Client:
    client.force_login(create_member(application, Membership.ADMIN))
    return client


def send(client: Client, application: Application, address: str, /, **values: str) -> Any:
    return client.post(f"/applications/{application.pk}/settings/views/{address}", values)


def page(client: Client, application: Application, query: str = "") -> Elements:
    answer = client.get(f"/applications/{application.pk}/traffic/{query}")
    assert answer.status_code == 200
    return elements(answer.content.decode())


def views(found: Elements) -> dict[str, str]:
    return {
        one.text: one.attributes["href"]
        for one in found.all("a")
        if one.inside[-2:] == ["ul", "li"] and "cut" in one.classes
    }


def test_a_view_is_the_page_as_it_was_for_everybody(
    client: Client, application: Application
) -> None:
    query = "?range=7d&compare=week&figure=errors&status=5xx&everything=1"
    answer = send(client, application, "", name=" Failures ", page=f"{query}&before=x&x=1")
    assert answer["Location"] == f"/applications/{application.pk}/traffic/{query}"
    viewer = Client()
    viewer.force_login(create_member(application, Membership.VIEWER))
    for each in (client, viewer):
        assert views(page(each, application)) == {"Failures": query}
    found = page(client, application, query)
    (chosen,) = [one for one in found.all("a", "cut") if "aria-current" in one.attributes]
    assert chosen.text == "Failures"


def test_a_view_of_the_same_name_takes_the_place_of_the_old_one(
    client: Client, application: Application
) -> None:
    for query in ("?range=7d", "?range=30d"):
        send(client, application, "", name="Long", page=query)
    assert views(page(client, application)) == {"Long": "?range=30d"}


def test_a_view_is_deleted(client: Client, application: Application) -> None:
    other = create_application()
    for one in (application, other):
        SavedView.objects.create(application=one, name="Long", query="?range=7d")
    answer = send(client, application, "delete/", name="Long", page="?range=7d")
    assert answer["Location"].endswith("/traffic/?range=7d")
    assert not views(page(client, application))
    assert SavedView.objects.get().application == other


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "a\0b"])
@pytest.mark.parametrize("address", ["", "delete/"])
def test_what_is_no_name_is_a_400(
    client: Client, application: Application, address: str, name: str
) -> None:
    assert send(client, application, address, name=name).status_code == 400
    assert not SavedView.objects.exists()


def test_so_many_are_kept(client: Client, application: Application) -> None:
    for n in range(51):
        send(client, application, "", name=f"View {n:02}", page="?range=7d")
    assert SavedView.objects.count() == 50
    send(client, application, "", name="View 07", page="?range=1h")
    assert SavedView.objects.get(name="View 07").query == "?range=1h"
    found = page(client, application)
    assert "50 views are saved. Delete one first." in found.texts("p", "notice-bad")


def test_who_may_only_look_saves_and_deletes_nothing(application: Application) -> None:
    SavedView.objects.create(application=application, name="Long", query="?range=7d")
    viewer = Client()
    viewer.force_login(create_member(application, Membership.VIEWER))
    assert send(viewer, application, "", name="Mine", page="?").status_code == 403
    assert send(viewer, application, "delete/", name="Long").status_code == 403
    found = page(viewer, application)
    assert views(found) == {"Long": "?range=7d"}
    assert not [one for one in found.all("form") if "/views/" in one.attributes.get("action", "")]


def test_a_view_never_leads_elsewhere(client: Client, application: Application) -> None:
    send(client, application, "", name="<b>x", page="https://elsewhere.example/?range=7d")
    assert views(page(client, application)) == {"<b>x": "?"}
