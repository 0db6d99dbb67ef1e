"""The page of one monitor: what it tells, its buttons, its checks page by page, at what cost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from applications.factories import create_application, create_member
from applications.models import Application, Membership
from dashboard.monitor_checks import PER_PAGE
from dashboard.tests.reading_pages import elements
from loghandler import partitions
from loghandler.outbound.connections import Timings
from monitors import calling, changes, heartbeats
from monitors.factories import create_monitor
from monitors.models import Monitor, Outage
from monitors.records import CheckRecord, HeartbeatTarget, HttpTarget
from monitors.storing import Found, keep, store

pytestmark = pytest.mark.django_db

# Session, user, application, monitor, membership; outages, pauses, maintenance; response times; the
# last check, outages, the list of checks.
QUERIES = 12
TIMINGS = Timings(1, 9, 20, 60, 10)


@pytest.fixture
def application(client: Client) -> Application:
    partitions.ensure()
    application = create_application()
    client.force_login(create_member(application, Membership.ADMIN))
    return application


def path(monitor: Monitor, rest: str = "") -> str:
    return f"/applications/{monitor.application_id}/monitors/{monitor.pk}/{rest}"


def page(client: Client, monitor: Monitor, rest: str = "") -> Any:
    answer = client.get(path(monitor, rest))
    assert answer.status_code == 200
    elements(answer.content.decode())
    return answer


def find(monitor: Monitor, *failures: str | None) -> None:
    """Checks, one second after the other, the last one now."""
    now = datetime.now(UTC)
    keep(
        [
            Found(
                monitor.application_id,
                monitor.pk,
                CheckRecord(
                    now - timedelta(seconds=number),
                    failure,
                    f"It failed by {failure}" if failure else "",
                    TIMINGS,
                ),
            )
            for number, failure in enumerate(failures)
        ]
    )
    Monitor.objects.filter(pk=monitor.pk).update(checked_at=now)


def test_it_tells_uptimes_and_outages_with_what_else_there_was(
    client: Client, application: Application
) -> None:
    now = datetime.now(UTC)
    monitor = create_monitor(
        None, "Shop", application, created_at=now - timedelta(days=100), checked_at=now, state="up"
    )
    begin = now - timedelta(hours=3)
    Outage.objects.create(
        application=application,
        monitor=monitor,
        begin=begin,
        end=begin + timedelta(minutes=12),
        failure="status",
        words="Status 500, not 200 to 299",
    )
    told = page(client, monitor).context["page"]
    assert [(tile.figure, tile.words) for tile in told.tiles] == [
        ("99.17 %", "down for 12 minutes"),
        ("99.88 %", "down for 12 minutes"),
        ("99.97 %", "down for 12 minutes"),
        ("99.99 %", "down for 12 minutes"),
    ]
    (outage,) = told.outages
    assert (outage.length, outage.words) == ("12 minutes", "Status 500, not 200 to 299")
    for address in (outage.events, outage.traffic):
        assert client.get(address).status_code == 200
    assert told.bars_words == "The last 24 hours: down for 12 minutes"


@pytest.mark.parametrize(("name", "parts"), [("24h", 48), ("7d", 56), ("30d", 60), ("90d", 90)])
def test_bars_and_response_times_have_the_same_parts_of_a_range(
    client: Client, application: Application, name: str, parts: int
) -> None:
    monitor = create_monitor(application=application)
    find(monitor, None, "timeout", None)
    told = page(client, monitor, f"?range={name}").context["page"]
    assert (len(told.bars), len(told.chart.starts)) == (parts, parts)
    assert told.checks == "3 checks, 1 of them failed"
    values = told.chart.series[0].values
    assert [value for value in values if value is not None] == [pytest.approx(100, rel=0.03)]


def test_the_last_check_is_told_part_by_part(client: Client, application: Application) -> None:
    monitor = create_monitor(application=application)
    find(monitor, None)
    parts = page(client, monitor).context["page"].timings
    assert [(part.name, part.words, part.width) for part in parts] == [
        ("DNS", "1 ms", 1.0),
        ("Connect", "9 ms", 9.0),
        ("TLS", "20 ms", 20.0),
        ("First byte", "60 ms", 60.0),
        ("Body", "10 ms", 10.0),
    ]


def test_checks_are_paged_and_filtered_by_the_address(
    client: Client, application: Application
) -> None:
    monitor = create_monitor(application=application)
    find(monitor, *["timeout", None, None] * PER_PAGE)
    first = page(client, monitor).context["checks"]
    assert [row.up for row in first.rows[:3]] == [False, True, True]
    assert (len(first.rows), first.newest) == (PER_PAGE, "")
    second = client.get(first.older).context["checks"]
    assert second.rows[0].check.checked_at < first.rows[-1].check.checked_at
    assert second.newest == path(monitor)
    failed = page(client, monitor, "?only=failures").context["checks"]
    assert {row.words for row in failed.rows} == {"It failed by timeout"}
    assert (len(failed.rows), failed.older) == (PER_PAGE, "")


def test_a_job_is_told_what_to_call_and_its_calls_tell_their_output(
    client: Client, application: Application
) -> None:
    monitor = changes.create(application, "Backup", HeartbeatTarget())
    html = page(client, monitor).content.decode()
    assert f"http://testserver/ping/{monitor.ping_key}" in html
    assert "Waiting for its first call" in html
    assert monitor.ping_key
    calling.take(monitor.ping_key, heartbeats.call("3", datetime.now(UTC)), "disk is full")
    answer = page(client, monitor)
    assert answer.context["sentence"].endswith(": Exit status 3")
    (row,) = answer.context["checks"].rows
    assert (row.words, row.output, row.duration) == ("Exit status 3", "disk is full", "")
    assert "disk is full" in answer.content.decode()


def test_buttons_pause_resume_check_and_delete(client: Client, application: Application) -> None:
    monitor = changes.create(application, "Shop", HttpTarget("https://shop.example/"))
    Monitor.objects.update(due_at=None)
    assert client.post(path(monitor, "check/"))["Location"] == path(monitor)
    monitor.refresh_from_db()
    assert monitor.due_at
    assert monitor.due_at <= datetime.now(UTC)
    for button, paused in (("pause/", True), ("resume/", False)):
        client.post(path(monitor, button))
        monitor.refresh_from_db()
        assert monitor.paused is paused
    client.post(path(monitor, "delete/"))
    assert not Monitor.objects.exists()


def test_opening_the_address_of_a_button_presses_nothing(
    client: Client, application: Application
) -> None:
    monitor = changes.create(application, "Shop", HttpTarget("https://shop.example/"))
    for button in ("pause/", "delete/"):
        assert client.get(path(monitor, button))["Location"] == path(monitor)
    monitor.refresh_from_db()
    assert not monitor.paused


def test_a_viewer_has_no_buttons(client: Client, application: Application) -> None:
    monitor = create_monitor(application=application)
    client.force_login(create_member(application, Membership.VIEWER))
    buttons = elements(page(client, monitor).content.decode()).texts("button")
    assert not {"Pause", "Check now", "Delete this monitor"} & set(buttons)
    assert client.post(path(monitor, "pause/")).status_code == 403


def test_a_monitor_of_another_application_is_not_here(
    client: Client, application: Application
) -> None:
    other = create_monitor()
    there = f"/applications/{application.pk}/monitors/{other.pk}/"
    for rest in ("", "edit/", "delete/"):
        assert client.post(there + rest).status_code in {404, 405}
    assert client.get(there).status_code == 404


def test_the_page_costs_as_much_with_many_checks_as_with_one(
    client: Client, application: Application, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monitor = create_monitor(application=application)
    store([Found(application.pk, monitor.pk, CheckRecord(datetime.now(UTC)))])
    for _ in range(2):
        with django_assert_num_queries(QUERIES):
            page(client, monitor)
        find(monitor, *["timeout"] * 100)
