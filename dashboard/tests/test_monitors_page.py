"""The list of monitors: what it tells, filters, a first address, at what cost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from applications.factories import create_application, create_member
from applications.models import Application, Membership
from dashboard.monitor_rows import MonitorRow
from dashboard.tests.reading_pages import elements
from monitors import changes
from monitors.factories import create_monitor
from monitors.models import Monitor, Outage
from monitors.records import HttpTarget
from monitors.verdicts import DOWN, UP

pytestmark = pytest.mark.django_db

# Session, user, application, membership, filters, count; monitors, and what they were in a month:
# outages, pauses, maintenance.
QUERIES = 10


@pytest.fixture
def application(client: Client) -> Application:
    application = create_application()
    client.force_login(create_member(application, Membership.ADMIN))
    return application


def path(application: Application, query: str = "") -> str:
    return f"/applications/{application.pk}/monitors/{query}"


def page(client: Client, application: Application, query: str = "") -> Any:
    answer = client.get(path(application, query))
    assert answer.status_code == 200
    elements(answer.content.decode())
    return answer


def rows(client: Client, application: Application, query: str = "") -> list[MonitorRow]:
    found: list[MonitorRow] = page(client, application, query).context["rows"]
    return found


def watched(application: Application, name: str, state: str = UP, **fields: Any) -> Monitor:
    """One that was made two days ago and has been checked since."""
    now = datetime.now(UTC)
    fields = {"created_at": now - timedelta(days=2), "checked_at": now, **fields}
    return create_monitor(None, name, application, state=state, state_since=now, **fields)


def test_a_row_tells_state_uptime_and_the_certificate(
    client: Client, application: Application
) -> None:
    now = datetime.now(UTC)
    until = now + timedelta(days=9, hours=1)
    monitor = watched(application, "Shop", duration_ms=48.2, certificate_until=until)
    ago = [now - timedelta(hours=each) for each in (3, 2.4)]
    Outage.objects.create(
        application=application, monitor=monitor, begin=ago[0], end=ago[1], failure="status"
    )
    (row,) = rows(client, application)
    assert (row.state.word, row.day, row.month) == ("Up", "97.5 %", "98.8 %")
    assert (row.duration, row.certificate, row.certificate_tone) == ("48 ms", "9 days", "some")
    assert row.target == "service.example"
    assert row.bars_words == "Last 24 hours: down for 36 minutes"
    assert {kind for kind, _ in row.paths} >= {"up", "partly"}


def test_what_was_never_checked_has_no_uptime(client: Client, application: Application) -> None:
    create_monitor(application=application)
    (row,) = rows(client, application)
    assert (row.state.word, row.day, row.month) == ("Waiting", "–", "–")
    assert [kind for kind, _ in row.paths] == ["not-yet"]


def test_those_that_are_down_come_first_and_those_that_are_paused_last(
    client: Client, application: Application
) -> None:
    watched(application, "a", paused=True, state=DOWN)
    watched(application, "b")
    watched(application, "c", DOWN)
    create_monitor(None, "d", application)
    assert [row.monitor.name for row in rows(client, application)] == ["c", "d", "b", "a"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?state=down", ["c"]),
        ("?state=paused", ["a"]),
        ("?tag=eu", ["b", "a"]),
        ("?tag=eu&state=up", ["b"]),
        ("?q=C", ["c"]),
        ("?state=nonsense", ["c", "b", "a"]),
        ("?q=nothing", []),
    ],
)
def test_the_address_filters(
    client: Client, application: Application, query: str, names: list[str]
) -> None:
    watched(application, "a", paused=True, tags=["eu"])
    watched(application, "b", tags=["eu", "api"])
    watched(application, "c", DOWN)
    assert [row.monitor.name for row in rows(client, application, query)] == names


def test_filters_tell_how_many_they_find(client: Client, application: Application) -> None:
    watched(application, "a", tags=["eu"])
    watched(application, "b", DOWN, tags=["eu", "api"])
    choices = page(client, application, "?tag=eu").context["choices"]
    assert [(each.words, each.count) for each in choices.states] == [("Down", 1), ("Up", 1)]
    assert [(each.name, each.count, each.chosen) for each in choices.tags] == [
        ("api", 1, False),
        ("eu", 2, True),
    ]
    assert choices.tags[1].address == "?"


def test_monitors_of_others_are_not_listed(client: Client, application: Application) -> None:
    create_monitor()
    assert rows(client, application) == []


def test_the_list_costs_as_much_for_many_as_for_one(
    client: Client, application: Application, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    watched(application, "first")
    with django_assert_num_queries(QUERIES):
        page(client, application)
    for number in range(20):
        watched(application, f"more-{number}")
    with django_assert_num_queries(QUERIES):
        page(client, application)


def test_an_address_is_all_that_the_first_monitor_needs(
    client: Client, application: Application
) -> None:
    assert "Paste the address" in page(client, application).content.decode()
    answer = client.post(path(application, "add/"), {"address": "shop.example/health"})
    monitor = Monitor.objects.get()
    assert answer["Location"] == path(application, f"{monitor.pk}/")
    assert (monitor.name, monitor.target["url"]) == ("shop.example", "https://shop.example/health")
    client.post(path(application, "add/"), {"address": "http://shop.example/cart/"})
    client.post(path(application, "add/"), {"address": "http://shop.example/cart/"})
    names = [each.name for each in Monitor.objects.order_by("pk")]
    assert names == ["shop.example", "shop.example/cart", "shop.example 2"]


def test_what_is_no_address_is_told_beside_the_field(
    client: Client, application: Application
) -> None:
    answer = client.post(path(application, "add/"), {"address": "ftp://x y"})
    assert answer.context["form"].errors["address"] == [
        "Write an address such as https://service.example/health."
    ]
    assert not Monitor.objects.exists()


def test_a_viewer_is_offered_nothing_to_change(client: Client, application: Application) -> None:
    changes.create(application, "Shop", HttpTarget("https://shop.example/"))
    client.force_login(create_member(application, Membership.VIEWER))
    html = page(client, application).content.decode()
    assert "New monitor" not in html
    assert client.get(path(application, "new/http/")).status_code == 403
