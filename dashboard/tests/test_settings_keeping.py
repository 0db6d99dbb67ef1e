"""Retention, deletion of events, deletion of the application."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from applications.factories import create_application, create_member
from applications.models import Application, Membership
from events.models import Event
from ingest import pipeline
from ingest.factories import create_batch, create_record
from stats import deletions, retention

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _now(settings: Any) -> Iterator[None]:
    settings.RETENTION_DAYS = 30
    settings.KEY_CACHE_SECONDS = 0
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def application() -> Application:
    """An application with an event of each of the last ten days."""
    application = create_application("shop")
    for days_ago in range(10):
        batch = create_batch(create_record())
        pipeline.accept(application.pk, batch, received_at=NOW - days_ago * DAY)
    return application


@pytest.fixture
def client(client: Client, application: Application) -> Client:
    client.force_login(create_member(application, Membership.ADMIN))
    return client


def send(client: Client, application: Application, form: str, **values: str) -> Any:
    return client.post(f"/applications/{application.pk}/settings/{form}/", values)


def kept_days(application: Application) -> int | None:
    return Application.objects.get(pk=application.pk).retention_days


@pytest.mark.parametrize("step", ["preview", "save"])
def test_what_a_shorter_retention_deletes_is_told_first(
    client: Client, application: Application, step: str
) -> None:
    page = send(client, application, "retention", days="3", step=step).content.decode()
    assert "Keeping 3 days deletes <strong>6 events</strong> received before 18 Nov 2026" in page
    assert kept_days(application) is None


def test_the_preview_tells_what_pruning_then_deletes(
    client: Client, application: Application
) -> None:
    answer = send(client, application, "retention", days="3", step="confirmed")
    assert answer.status_code == 302
    assert kept_days(application) == 3
    assert retention.prune(NOW).events == 6


def test_what_loses_nothing_is_saved_at_once(client: Client, application: Application) -> None:
    assert send(client, application, "retention", days="10", step="save").status_code == 302
    assert kept_days(application) == 10
    assert send(client, application, "retention", days="", step="save").status_code == 302
    assert kept_days(application) is None


def test_a_preview_that_loses_nothing_says_so(client: Client, application: Application) -> None:
    page = send(client, application, "retention", days="10", step="preview").content.decode()
    assert "deletes nothing that is stored now" in page
    assert kept_days(application) is None


@pytest.mark.parametrize(
    ("days", "sentence"),
    [("31", "for 30 days at most"), ("0", "greater than or equal to 1"), ("x", "whole number")],
)
def test_days_that_can_not_be_kept_are_refused(
    client: Client, application: Application, days: str, sentence: str
) -> None:
    page = send(client, application, "retention", days=days, step="confirmed").content.decode()
    assert sentence in page
    assert kept_days(application) is None


def wish(application: Application) -> datetime | None:
    return Application.objects.get(pk=application.pk).delete_events_before


def test_events_are_deleted_when_their_number_is_confirmed(
    client: Client, application: Application
) -> None:
    page = send(client, application, "events/delete", before="2026-11-18").content.decode()
    assert "Delete 6 events</button>" in page
    assert wish(application) is None
    answer = send(client, application, "events/delete", before="2026-11-18", step="confirmed")
    assert answer.status_code == 302
    assert wish(application) == datetime(2026, 11, 18, tzinfo=UTC)
    assert deletions.carry_out()
    assert Event.objects.of(application.pk).count() == 4
    assert wish(application) is None


def test_the_day_begins_at_midnight_of_the_viewer(client: Client, application: Application) -> None:
    client.cookies["zone"] = "Pacific/Auckland"  # 13 hours ahead: the 18th at 11:00 UTC the 17th
    page = send(client, application, "events/delete", before="2026-11-18").content.decode()
    assert "Delete 6 events</button>" in page
    assert 'name="before" value="2026-11-18"' in page
    client.cookies["zone"] = "America/Los_Angeles"  # 8 hours behind
    send(client, application, "events/delete", before="2026-11-18", step="confirmed")
    assert wish(application) == datetime(2026, 11, 18, 8, tzinfo=UTC)


def test_tomorrow_deletes_everything_up_to_now(client: Client, application: Application) -> None:
    send(client, application, "events/delete", before="2026-11-22", step="confirmed")
    assert wish(application) == NOW


@pytest.mark.parametrize("day", ["2026-11-23", "1969-12-31", "0001-01-01", "9999-12-31"])
def test_days_without_a_meaning_are_refused(
    client: Client, application: Application, day: str
) -> None:
    answer = send(client, application, "events/delete", before=day, step="confirmed")
    assert "Choose a day up to tomorrow." in answer.content.decode()
    assert wish(application) is None


def test_where_there_are_no_events_there_is_nothing_to_confirm(
    client: Client, application: Application
) -> None:
    answer = send(client, application, "events/delete", before="2026-11-01", step="confirmed")
    page = answer.content.decode()
    assert "There are no events received before" in page
    assert wish(application) is None


def test_the_application_is_deleted_when_its_name_is_typed(
    client: Client, application: Application
) -> None:
    answer = send(client, application, "delete", typed="shop")
    assert answer.url == "/"
    page = client.get("/").content.decode()
    assert "shop is deleted." in page
    assert client.get(f"/applications/{application.pk}/").status_code == 404
    assert client.get(f"/apps/{application.pk}").status_code == 404
    while deletions.carry_out():
        pass
    assert not Application.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize("typed", ["", "Shop", "shop2"])
def test_another_name_deletes_nothing(client: Client, application: Application, typed: str) -> None:
    page = send(client, application, "delete", typed=typed).content.decode()
    assert "This field is required." in page or "This is not its name, shop." in page
    assert Application.objects.existing().filter(name="shop").exists()
