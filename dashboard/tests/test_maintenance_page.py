"""Maintenance windows are listed, announced and ended."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from applications.factories import create_application, create_member
from applications.models import Application, Membership
from dashboard.tests.reading_pages import elements
from monitors.factories import create_maintenance, create_monitor
from monitors.models import Maintenance

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def application(client: Client) -> Application:
    application = create_application()
    client.force_login(create_member(application, Membership.ADMIN))
    return application


def path(application: Application, rest: str = "") -> str:
    return f"/applications/{application.pk}/monitors/maintenance/{rest}"


def listed(client: Client, application: Application) -> Any:
    answer = client.get(path(application))
    assert answer.status_code == 200
    elements(answer.content.decode())
    return answer.context["listed"]


def test_windows_are_told_by_when_they_are(client: Client, application: Application) -> None:
    now = datetime.now(UTC)
    create_maintenance(application, now - 9 * HOUR, now - 8 * HOUR)
    create_maintenance(application, now + 2 * HOUR, now + 3 * HOUR)
    create_maintenance(application, now - HOUR, now + HOUR)
    create_maintenance(application, now - 90 * HOUR, cron="0 2 * * 0", minutes=30)
    told = listed(client, application)
    assert [each.now for each in told.present] == [True, False, False]
    assert [each.again for each in told.present] == ["", "", "0 2 * * 0 UTC"]
    assert [each.lasts for each in told.present] == ["2 hours", "1 hour", "30 minutes"]
    assert [each.lasts for each in told.past] == ["1 hour"]


def test_a_window_begins_now_where_nothing_else_is_said(
    client: Client, application: Application
) -> None:
    monitor = create_monitor(application=application)
    end = (datetime.now(UTC) + HOUR).isoformat()
    sent = {"name": "Update", "end": end, "monitors": [monitor.pk]}
    assert client.post(path(application, "add/"), sent)["Location"] == path(application)
    (window,) = listed(client, application).present
    assert (window.now, window.monitors, window.lasts) == (True, [monitor.name], "59 minutes")


def test_a_window_comes_again_by_cron(client: Client, application: Application) -> None:
    sent = {"name": "Update", "cron": "0 2 * * 0", "zone": "Europe/Berlin", "minutes": "45"}
    client.post(path(application, "add/"), sent)
    (window,) = listed(client, application).present
    assert (window.again, window.lasts) == ("0 2 * * 0 Europe/Berlin", "45 minutes")


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({}, "end", "ends after it begins"),
        ({"end": "2020-01-01T10:00", "begin": "2020-01-01T09:00"}, "end", "over already"),
        ({"cron": "0 2 * * 0"}, "minutes", "how many minutes"),
        ({"cron": "nonsense", "minutes": "5"}, "cron", "no cron expression"),
        ({"cron": "* * * * *", "minutes": "5"}, "cron", "an hour apart"),
        (
            {"cron": "0 2 * * 0", "minutes": "5", "end": "2020-01-01"},
            "end",
            "ends after it begins",
        ),
        ({"cron": "0 2 * * 0", "minutes": "5", "zone": "Mars"}, "zone", "no time zone"),
        ({"monitors": ["999999"], "end": "2100-01-01"}, "monitors", "not one of the available"),
    ],
)
def test_what_can_not_be_is_told_next_to_its_field(
    client: Client, application: Application, sent: dict[str, Any], field: str, words: str
) -> None:
    answer = client.post(path(application, "add/"), {"name": "Update", **sent})
    assert list(answer.context["form"].errors) == [field]
    assert words in answer.context["form"].errors[field][0]
    assert not Maintenance.objects.exists()


def test_a_monitor_of_another_application_can_not_be_chosen(
    client: Client, application: Application
) -> None:
    sent = {"name": "Update", "end": "2100-01-01", "monitors": [create_monitor().pk]}
    assert client.post(path(application, "add/"), sent).context["form"].errors["monitors"]


def test_a_window_is_ended_by_those_who_may(client: Client, application: Application) -> None:
    now = datetime.now(UTC)
    row = create_maintenance(application, now - HOUR, now + HOUR)
    client.get(path(application, f"{row.pk}/end/"))
    row.refresh_from_db()
    assert row.end == now + HOUR
    client.post(path(application, f"{row.pk}/end/"))
    assert [each.lasts for each in listed(client, application).past] == ["1 hour"]
    client.force_login(create_member(application, Membership.VIEWER))
    assert client.post(path(application, f"{row.pk}/end/")).status_code == 403
    assert "Announce it" not in client.get(path(application)).content.decode()
