"""What is kept of an application's requests, and which are to go, as its settings say."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from applications.factories import create_application, create_member
from applications.models import Application, Membership
from ingest import pipeline
from ingest.factories import create_requests
from stats import deletions
from traffic.factories import create_request_record
from traffic.models import Policy, Request, WantedDeletion

pytestmark = pytest.mark.django_db


@pytest.fixture
def application() -> Application:
    return create_application("shop")


@pytest.fixture
def client(client: Client, application: Application) -> Client:
    client.force_login(create_member(application, Membership.ADMIN))
    return client


def send(client: Client, application: Application, form: str, **values: str) -> Any:
    return client.post(f"/applications/{application.pk}/settings/{form}/", values)


def test_the_settings_count_for_what_comes_from_then_on(
    client: Client, application: Application
) -> None:
    answer = send(
        client,
        application,
        "traffic",
        least_privacy="2",
        keep_query_values="on",
        apdex_ms="250",
        templates="/files/*\n\n /tags/{tag} \n/files/*",
    )
    assert answer.status_code == 302
    policy = Policy.objects.get(application=application)
    assert (policy.least_privacy, policy.keep_query_values, policy.apdex_ms) == (2, True, 250)
    assert policy.templates == ["/files/*", "/tags/{tag}"]
    pipeline.accept(application.pk, create_requests(create_request_record("/files/a/b?q=1")))
    stored = Request.objects.get()
    assert (stored.route, stored.path) == ("/files/*", "/files/a/b?q=1")
    page = client.get(f"/applications/{application.pk}/settings/").content.decode()
    assert "/files/*\n/tags/{tag}" in page


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("templates", "files", "is no route; begin with a slash"),
        ("templates", "/x" * 200, "is no route"),
        ("templates", "\n".join(f"/{n}" for n in range(201)), "at most 200 routes"),
        ("least_privacy", "3", "valid choice"),
        ("apdex_ms", "-1", "greater than or equal to 0"),
    ],
)
def test_what_can_not_be_used_is_told_and_changes_nothing(
    client: Client, application: Application, field: str, value: str, reason: str
) -> None:
    values = {"least_privacy": "0", "apdex_ms": "500", "templates": "", field: value}
    answer = send(client, application, "traffic", **values)
    assert reason in answer.content.decode().replace("&#x27;", "'")
    assert not Policy.objects.exists()


def test_requests_of_a_user_are_deleted(client: Client, application: Application) -> None:
    records = [create_request_record(user_id=name) for name in ("ann", "bob")]
    pipeline.accept(application.pk, create_requests(*records))
    assert send(client, application, "requests/delete", user="ann", sure="on").status_code == 302
    while deletions.carry_out():
        pass
    assert Request.objects.get().user == "bob"


def test_days_begin_in_the_zone_of_the_viewer(client: Client, application: Application) -> None:
    client.cookies["browser_zone"] = "Asia/Tokyo"
    day = (timezone.now() - timedelta(days=2)).date()
    send(client, application, "requests/delete", before=str(day), sure="on")
    before = WantedDeletion.objects.get().before
    assert f"{before:%H:%M}" == "15:00"


@pytest.mark.parametrize(
    "values", [{"user": "ann"}, {"sure": "on"}, {"sure": "on", "ip_address": "x"}]
)
def test_nothing_is_deleted_by_accident(
    client: Client, application: Application, values: dict[str, str]
) -> None:
    assert send(client, application, "requests/delete", **values).status_code == 200
    assert not WantedDeletion.objects.exists()
