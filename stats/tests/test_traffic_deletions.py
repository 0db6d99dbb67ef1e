"""Requests are deleted by page, command and API, by the worker, and their figures with them."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from applications.factories import create_application, create_key, create_member
from applications.models import Application, Key, Membership
from events.models import Event
from ingest import pipeline
from ingest.factories import create_batch, create_record, create_requests
from stats import deletions
from stats.models import TrafficTotal, TrafficValueHour
from stats.traffic import deletions as traffic_deletions
from traffic.factories import create_request_record
from traffic.models import Request, WantedDeletion

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


@pytest.fixture
def application() -> Application:
    """Six requests of three days, of three users from two addresses; and an event."""
    made = create_application()
    records = [
        create_request_record(
            f"/{n}",
            occurred_at=NOW - timedelta(days=n // 2),
            user_id=f"user {n % 3}",
            ip_address=ip_address(f"192.0.2.{n % 2}"),
        )
        for n in range(6)
    ]
    pipeline.accept(made.pk, create_requests(*records))
    pipeline.accept(made.pk, create_batch(create_record()))
    return made


def carry_all_out() -> None:
    while deletions.carry_out():
        pass


def paths() -> list[str]:
    assert sum(TrafficTotal.objects.values_list("n", flat=True)) == Request.objects.count()
    return sorted(Request.objects.values_list("path", flat=True))


@pytest.mark.parametrize(
    ("wish", "left"),
    [
        ({}, []),
        ({"user": "user 0"}, ["/1", "/2", "/4", "/5"]),
        ({"address": "192.0.2.1"}, ["/0", "/2", "/4"]),
        ({"before": NOW - timedelta(hours=1)}, ["/0", "/1"]),
        ({"user": "user 0", "before": NOW - timedelta(hours=1)}, ["/0", "/1", "/2", "/4", "/5"]),
    ],
)
def test_the_worker_deletes_what_is_wanted(
    application: Application, wish: dict[str, Any], left: list[str]
) -> None:
    traffic_deletions.want(application.pk, **wish)
    carry_all_out()
    assert paths() == left
    assert not WantedDeletion.objects.exists()
    assert Event.objects.count() == 1
    if wish.get("user") and "before" not in wish:
        assert not TrafficValueHour.objects.filter(value="user 0").exists()


def test_it_goes_on_where_it_was_interrupted(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletions, "SECONDS", -1)
    traffic_deletions.want(application.pk)
    assert deletions.carry_out()
    assert paths() == ["/0", "/1", "/2", "/3"]  # the oldest day went
    carry_all_out()
    assert paths() == []


def test_what_comes_after_the_wish_stays(application: Application) -> None:
    traffic_deletions.want(application.pk, before=NOW + timedelta(days=9))
    pipeline.accept(application.pk, create_requests(create_request_record("/new")))
    carry_all_out()
    assert paths() == ["/new"]


def test_the_command_deletes_at_once(
    application: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("delete_requests", application.name, "--user", "user 1", "--yes")
    assert capsys.readouterr().out == "Deleted 2 requests.\n"
    before = f"{NOW - timedelta(days=1):%Y-%m-%d}"
    call_command("delete_requests", application.name, "--before", before, "--yes")
    assert paths() == ["/0", "/2", "/3"]


@pytest.mark.parametrize("options", [[], ["--yes", "--address", "nowhere"]])
def test_the_command_deletes_nothing_by_accident(
    application: Application, options: list[str]
) -> None:
    with pytest.raises(CommandError):
        call_command("delete_requests", application.name, *options)
    assert len(paths()) == 6


def test_an_admin_deletes_over_rest(client: Client, application: Application) -> None:
    client.force_login(create_member(application, Membership.ADMIN))
    address = f"/apps/{application.pk}/requests"
    refused = client.delete(address)
    assert refused.status_code == 400
    assert list(refused.json()["errors"]) == ["all"]
    answer = client.delete(f"{address}?user=user+2")
    assert answer.status_code == 202
    assert answer.json()["user"] == "user 2"
    carry_all_out()
    assert paths() == ["/0", "/1", "/3", "/4"]


def test_a_read_key_deletes_as_at_the_reference(
    client: Client, application: Application, settings: Any
) -> None:
    key = create_key(application, Key.READ)
    assert client.get(f"/api/delete/{key}").status_code == 404
    assert client.post("/api/delete").status_code == 401
    assert client.post(f"/api/delete/{create_key(application)}").status_code == 401
    assert not WantedDeletion.objects.exists()
    answers = [client.post("/base/api/delete", headers={"x-auth-token": key})]
    settings.API_ANALYTICS_DELETE_BY_GET = True
    answers.append(client.get(f"/api/delete/{key}"))
    for answer in answers:
        assert answer.json() == {
            "message": "Account data deleted successfully.",
            "status": 200,
        }
    carry_all_out()
    assert paths() == []
    assert Application.objects.filter(pk=application.pk).exists()


def test_anyone_gets_a_key_where_that_is_allowed(client: Client, settings: Any) -> None:
    assert client.get("/api/generate").status_code == 404
    settings.API_ANALYTICS_GENERATE = True
    key = client.get("/api/generate-api-key").json()
    assert str(UUID(key)) == key
    body = {"api_key": key, "requests": [{"method": "GET", "path": "/"}], "framework": "Flask"}
    assert client.post("/api/log-request", body, "application/json").status_code == 201
    assert paths() == ["/"]
