"""The public status page and its badges: what is published, and nothing else."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from applications import deletion
from applications.factories import create_application, create_member
from applications.models import Application, Membership
from dashboard.monitor_states import State
from dashboard.status_page import overall
from dashboard.tests.reading_pages import elements
from dashboard.views.status import SECONDS
from monitors.changes import MOST_MONITORS
from monitors.factories import create_maintenance, create_monitor
from monitors.models import Monitor, Outage, StatusPage
from monitors.records import HttpTarget

pytestmark = pytest.mark.django_db

# The page, its monitors; where it is rendered these again, their outages, pauses, maintenance with
# its monitors, and the lists of both.
KEPT, QUERIES = 2, 10
PATH = "/status/the-shop/"
SECRETS = ("secret.example", "Status 503", "internal-tag", "Unpublished", "app-")


@pytest.fixture
def application() -> Application:
    return create_application()


@pytest.fixture
def monitor(application: Application) -> Monitor:
    now = datetime.now(UTC)
    return create_monitor(
        HttpTarget("https://secret.example/"),
        "Shop",
        application,
        state="up",
        created_at=now - timedelta(days=100),
        checked_at=now,
        duration_ms=48.2,
        tags=["internal-tag"],
        words="Status 503",
    )


@pytest.fixture
def page(application: Application, monitor: Monitor) -> StatusPage:
    created = StatusPage.objects.create(
        application=application, public=True, address="the-shop", title="The shop"
    )
    created.monitors.add(monitor)
    return created


def outage(monitor: Monitor, days_ago: float, minutes: float | None) -> None:
    begin = datetime.now(UTC) - timedelta(days=days_ago)
    Outage.objects.create(
        application=monitor.application,
        monitor=monitor,
        begin=begin,
        end=None if minutes is None else begin + timedelta(minutes=minutes),
        failure="status",
        words="Status 503",
    )


def shown(client: Client) -> Any:
    answer = client.get(PATH)
    assert answer.status_code == 200
    elements(answer.content.decode())
    return answer


def test_it_tells_states_uptimes_and_outages_and_nothing_else(
    client: Client, application: Application, monitor: Monitor, page: StatusPage
) -> None:
    other = create_monitor(None, "Unpublished", application, state="down")
    outage(monitor, 3, 12)
    outage(monitor, 20, 60)
    outage(other, 1, None)
    html = shown(client).content.decode()
    assert "Everything is up" in html
    assert "99.94 % up" in html
    assert html.count("down for 12 minutes") == 2  # a bar, and the outage
    assert html.count("down for 1 hour,") == html.count("down for 1 hour\n") == 0
    for secret in (*SECRETS, "48 ms"):
        assert secret not in html
    assert len(elements(html).all("path")) == 90


def test_outages_are_those_of_two_weeks(client: Client, monitor: Monitor, page: StatusPage) -> None:
    for days_ago, minutes in ((20, 60.0), (13, 5.0), (0.01, None)):
        outage(monitor, days_ago, minutes)
    items = elements(shown(client).content.decode()).all("li", "public-row")
    told = [item.text for item in items]
    assert ["so far" in each for each in told] == [True, False]
    assert "down for 5 minutes" in told[1]


def test_response_times_are_told_only_where_that_was_chosen(
    client: Client, page: StatusPage
) -> None:
    StatusPage.objects.update(durations=True)
    assert "48 ms" in shown(client).content.decode()


def test_maintenance_is_announced_where_it_concerns_what_is_shown(
    client: Client, application: Application, page: StatusPage
) -> None:
    now = datetime.now(UTC)
    other = create_monitor(None, "Unpublished", application)
    for name, days, of in (("Move", 2, None), ("Inner", 3, other), ("Far", 40, None)):
        begin = now + timedelta(days=days)
        row = create_maintenance(application, begin, begin + timedelta(hours=1))
        row.name = name
        row.save()
        row.monitors.set([of] if of else [])
    html = shown(client).content.decode()
    assert "Move" in html
    assert "Inner" not in html
    assert "Far" not in html


@pytest.mark.parametrize("rest", ["", "badge.svg", "badge.json", "{id}.svg", "{id}.json"])
def test_it_needs_no_session_sets_no_cookie_and_may_be_kept_for_a_moment(
    client: Client, monitor: Monitor, page: StatusPage, rest: str
) -> None:
    client.cookies["browser_zone"] = "Asia/Tokyo"
    answer = client.get(PATH + rest.format(id=monitor.pk))
    assert answer.status_code == 200
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    assert answer["Cache-Control"] == "public, max-age=15"
    assert answer["X-Robots-Tag"] == "noindex"
    assert "JST" not in answer.content.decode()


def test_nobody_sees_what_is_not_published(
    client: Client, application: Application, monitor: Monitor, page: StatusPage
) -> None:
    other, elsewhere = create_monitor(application=application), create_monitor()
    page.monitors.add(elsewhere)  # by nobody's hand but an operator's
    for unpublished in (other, elsewhere):
        assert client.get(f"{PATH}{unpublished.pk}.svg").status_code == 404
    assert elsewhere.name not in shown(client).content.decode()
    StatusPage.objects.update(public=False)
    for rest in ("", "badge.svg", f"{monitor.pk}.json"):
        assert client.get(PATH + rest).status_code == 404
    client.force_login(create_member(application, Membership.ADMIN))
    assert client.get(PATH).status_code == 404


def test_the_page_of_a_deleted_application_is_gone(
    client: Client, application: Application, page: StatusPage
) -> None:
    deletion.want(application)
    assert client.get(PATH).status_code == 404


def test_a_badge_tells_state_and_uptime(client: Client, monitor: Monitor, page: StatusPage) -> None:
    Monitor.objects.update(name='<b>"Shop"')
    outage(monitor, 3, 12)
    svg = client.get(f"{PATH}{monitor.pk}.svg")
    assert svg["Content-Type"] == "image/svg+xml"
    words = ET.fromstring(svg.content).attrib["aria-label"]  # noqa: S314
    assert words == '<b>"Shop": up, 99.99 %'
    assert client.get(f"{PATH}{monitor.pk}.json").json() == {
        "schemaVersion": 1,
        "label": '<b>"Shop"',
        "message": "up, 99.99 %",
        "color": "#237a49",
    }
    Monitor.objects.update(state="down")
    told = json.loads(client.get(f"{PATH}badge.json").content)
    assert (told["label"], told["message"]) == ("The shop", "everything is down")


def test_a_badge_of_any_title_is_a_picture(client: Client, page: StatusPage) -> None:
    StatusPage.objects.update(title="\ufffe<\uffff\x01\u202e\U0001fffe")
    svg = client.get(f"{PATH}badge.svg").content
    words = ET.fromstring(svg).attrib["aria-label"]  # noqa: S314
    assert words == "\ufffd<\ufffd\u2401\\u202e\U0001fffe: everything is up"


def test_all_monitors_that_an_application_may_have_can_be_published(
    client: Client, application: Application
) -> None:
    one = create_monitor(application=application)
    Monitor.objects.bulk_create(
        Monitor(application=application, name=str(n), kind=one.kind, target=one.target)
        for n in range(MOST_MONITORS - 1)
    )
    client.force_login(create_member(application, Membership.ADMIN))
    chosen = list(application.monitors.values_list("pk", flat=True))
    sent = {"public": "on", "title": "The shop", "address": "the-shop", "monitors": chosen}
    answer = client.post(f"/applications/{application.pk}/settings/status/", sent)
    assert answer.status_code == 302
    assert StatusPage.objects.get().monitors.count() == MOST_MONITORS


def test_it_costs_as_much_for_many_monitors(
    client: Client,
    application: Application,
    page: StatusPage,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    create_maintenance(application, datetime.now(UTC), datetime.now(UTC) + timedelta(days=1))
    for _ in range(2):
        with django_assert_num_queries(QUERIES):
            shown(client)
        page.monitors.add(*(create_monitor(application=application) for _ in range(5)))


def test_it_is_rendered_once_however_often_it_is_asked_for(
    client: Client,
    page: StatusPage,
    monitor: Monitor,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    noon = datetime(2026, 11, 27, 12, tzinfo=UTC)
    with time_machine.travel(noon, tick=False):
        first = shown(client).content
        with django_assert_num_queries(KEPT):
            assert shown(client).content == first
        Monitor.objects.update(state="down", state_since=noon)
        assert b"Everything is down" in shown(client).content
    with (
        time_machine.travel(noon + timedelta(seconds=SECONDS), tick=False),
        django_assert_num_queries(QUERIES - 2),  # there is no maintenance
    ):
        shown(client)
    page.monitors.clear()
    assert b"Nothing is watched" in shown(client).content


@pytest.mark.parametrize(
    ("states", "words"),
    [
        (["up", "up"], "Everything is up"),
        (["up", "paused", "unknown"], "Everything is up"),
        (["up", "down", "maintenance"], "1 of 3 down"),
        (["down", "paused"], "Everything is down"),
        (["up", "maintenance"], "Maintenance is under way"),
        (["paused"], "Nothing is watched at the moment"),
        ([], "Nothing is watched at the moment"),
    ],
)
def test_the_worst_that_is_true_stands_above_all(states: list[str], words: str) -> None:
    assert overall([State(name, "", "") for name in states]).word == words


def test_the_settings_publish_what_was_chosen(
    client: Client, application: Application, monitor: Monitor
) -> None:
    client.force_login(create_member(application, Membership.ADMIN))
    path = f"/applications/{application.pk}/settings/"
    offered = client.get(path).context["status"]
    assert offered["public"].value() is False
    assert len(offered["address"].value()) >= 20
    sent = {"public": "on", "title": "The shop", "address": "the-shop", "monitors": [monitor.pk]}
    answer = client.post(f"{path}status/", sent)
    assert answer.status_code == 302
    assert "Shop" in Client().get(PATH).content.decode()
    assert "/status/the-shop/badge.svg" in client.get(path).content.decode()
    client.post(f"{path}status/", sent | {"public": ""})
    assert Client().get(PATH).status_code == 404


def test_an_address_that_is_taken_or_a_foreign_monitor_is_refused(
    client: Client, application: Application, page: StatusPage
) -> None:
    other = create_application()
    client.force_login(create_member(other, Membership.ADMIN))
    sent = {"title": "Mine", "address": "the-shop", "monitors": [page.monitors.get().pk]}
    answer = client.post(f"/applications/{other.pk}/settings/status/", sent)
    assert set(answer.context["status"].errors) == {"address", "monitors"}
