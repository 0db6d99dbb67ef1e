"""The admin's monitors, outages and maintenance: to look at, at a pinned cost."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from applications.factories import create_application, create_user
from monitors.factories import create_maintenance, create_monitor
from monitors.models import Monitor, Outage

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)
# Session, user, applications to filter by; count, rows.
QUERIES = {"monitor": 5, "outage": 6, "maintenance": 6}


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(create_user(is_staff=True, is_superuser=True))
    return client


def populate() -> Monitor:
    application = create_application()
    monitor = create_monitor(application=application, state="down", words="No\u202eanswer")
    Outage.objects.create(
        application=application, monitor=monitor, begin=NOW - timedelta(hours=3), failure="timeout"
    )
    create_maintenance(application, NOW, NOW + timedelta(hours=1)).monitors.add(monitor)
    return monitor


@pytest.mark.parametrize("name", QUERIES)
def test_a_list_costs_as_much_for_many_as_for_one(
    client: Client, name: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(2):
        populate()
        with django_assert_num_queries(QUERIES[name]):
            assert client.get(f"/admin/monitors/{name}/").status_code == 200


def test_outages_tell_how_long_they_last(client: Client) -> None:
    populate()
    assert "3 hours" in client.get("/admin/monitors/outage/").content.decode()


def test_a_monitor_is_looked_at_and_leads_to_its_page(client: Client) -> None:
    monitor = populate()
    path = f"/admin/monitors/monitor/{monitor.pk}/change/"
    html = client.get(path).content.decode()
    assert f"/applications/{monitor.application_id}/monitors/{monitor.pk}/" in html
    assert "\u202e" not in html
    assert client.post(path, {"name": "Other"}).status_code == 403
    monitor.refresh_from_db()
    assert monitor.name != "Other"


def test_an_application_with_monitors_can_be_deleted_in_the_admin(client: Client) -> None:
    monitor = populate()
    path = f"/admin/applications/application/{monitor.application_id}/delete/"
    assert "Are you sure" in client.get(path).content.decode()
    assert client.get(f"/admin/monitors/monitor/{monitor.pk}/delete/").status_code == 403
