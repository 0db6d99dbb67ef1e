"""The admin's index: the course and the top messages of all applications, for those who may see."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from applications import deletion
from applications.factories import create_application, create_user
from applications.models import Application
from ingest import pipeline
from ingest.factories import create_batch, create_record, create_requests
from traffic.factories import create_request_record

pytestmark = pytest.mark.django_db

# Session, user, applications, closed days and the series, closed days, the ranking and its texts,
# the requests, the admin's own log; ranges of today alone ask for no closed days.
QUERIES = 10


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(create_user(is_staff=True, is_superuser=True))
    return client


def store(
    application: Application, message: str, *levels: int, ago: timedelta = timedelta(minutes=1)
) -> None:
    batch = create_batch(*(create_record(message, level=level) for level in levels))
    pipeline.accept(application.pk, batch, received_at=timezone.now() - ago)


def ask(application: Application, *statuses: int, ago: timedelta = timedelta(minutes=1)) -> None:
    at = timezone.now() - ago
    records = [create_request_record("/a", status=one, occurred_at=at) for one in statuses]
    pipeline.accept(application.pk, create_requests(*records))


def index(client: Client, query: str = "") -> str:
    answer = client.get(f"/admin/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def drawn(html: str, name: str = "course") -> Any:
    found = re.search(rf'<script id="{name}-json" type="application/json">(.*?)</script>', html)
    assert found is not None
    return json.loads(found[1])


def totals(html: str, name: str = "course") -> dict[str, int]:
    return {one["label"]: sum(one["values"]) for one in drawn(html, name)["series"]}


def listed(html: str) -> list[str]:
    return re.findall(r'<a class="cut" dir="auto" href="[^"]+">([^<]*)</a>', html)


def test_the_chart_counts_the_events_of_all_applications_by_level(client: Client) -> None:
    store(create_application("shop"), "Paid", 20, 20, 40)
    store(create_application("billing"), "Sent", 20, 50)
    page = index(client)
    assert totals(page) == {"INFO": 3, "ERROR": 1, "CRITICAL": 1}
    assert len(drawn(page)["starts"]) == 24
    assert "chart.umd.min.js" in page


def test_the_range_is_chosen_by_links(client: Client) -> None:
    shop = create_application("shop")
    store(shop, "Now", 20)
    store(shop, "Days ago", 20, ago=timedelta(days=3))
    store(shop, "Weeks ago", 20, ago=timedelta(days=20))
    for name, count, buckets in (("24h", 1, 24), ("7d", 2, 168), ("30d", 3, 30)):
        page = index(client, f"?range={name}")
        assert totals(page) == {"INFO": count}
        assert len(drawn(page)["starts"]) == buckets
        assert len(listed(page)) == count
        assert f'<a href="?range={name}" aria-current="true"' in page


def test_a_range_that_is_not_offered_is_a_day(client: Client) -> None:
    assert '<a href="?range=24h" aria-current="true"' in index(client, "?range=90d")


def test_top_messages_lead_to_their_newest_event_and_application(client: Client) -> None:
    shop, billing = create_application("shop"), create_application("billing")
    store(shop, "Declined", 40, 40, 40)
    store(billing, "Declined", 40)
    store(billing, "Sent", 20, 20)
    page = index(client)
    assert listed(page) == ["Declined", "Sent", "Declined"]
    for application, message in ((shop, "Declined"), (billing, "Sent")):
        newest = application.pk
        assert f'href="/applications/{newest}/">{application.name}</a>' in page
        assert re.search(rf'href="/applications/{newest}/events/[0-9a-f-]+/">{message}<', page)


def test_what_a_deleted_application_left_is_not_counted(client: Client) -> None:
    shop = create_application("shop")
    store(shop, "Paid", 20)
    deletion.want(shop)
    page = index(client)
    assert totals(page) == {}
    assert "No event in the last 24 hours." in page


def test_hostile_messages_are_text(client: Client) -> None:
    store(create_application("shop"), "<script>alert(1)</script>\u202eexe", 40)
    store(create_application("billing"), "\n \n", 20)
    page = index(client)
    assert "<script>alert" not in page
    assert r"&lt;script&gt;alert(1)&lt;/script&gt;\u202eexe" in page
    assert "(no message)" in page


@pytest.mark.parametrize("range_", ["24h", "7d", "30d"])
def test_the_index_costs_the_same_queries_whatever_there_is(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries, range_: str
) -> None:
    for _ in range(2):
        for _ in range(5):
            store(create_application(), "Paid", 20, 40)
            store(create_application(), "Long ago", 20, ago=timedelta(days=5))
            ask(create_application(), 200, 500)
        with django_assert_max_num_queries(QUERIES):
            index(client, f"?range={range_}")


@pytest.mark.parametrize(
    ("permissions", "shown"),
    [
        ([], False),
        (["view_application"], False),
        (["view_event"], False),
        (["view_application", "view_event"], True),
        (["change_application", "view_event"], True),
    ],
)
def test_figures_are_for_those_who_may_view_applications_and_events(
    client: Client, permissions: list[str], shown: bool
) -> None:
    store(create_application("shop"), "Declined", 40)
    user = create_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    page = index(client)
    assert ("Declined" in page, "course-json" in page) == (shown, shown)


# --- Traffic ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("range_", "ok", "buckets"), [("24h", 2, 24), ("7d", 3, 168), ("30d", 4, 30)]
)
def test_requests_of_all_applications_are_drawn_by_how_they_were_answered(
    client: Client, range_: str, ok: int, buckets: int
) -> None:
    shop, billing = create_application("shop"), create_application("billing")
    ask(shop, 200, 404)
    ask(billing, 200, 503)
    ask(billing, 200, ago=timedelta(days=4))
    ask(shop, 200, ago=timedelta(days=20))
    page = index(client, f"?range={range_}")
    assert totals(page, "requests") == {"2xx": ok, "4xx": 1, "5xx": 1}
    assert len(drawn(page, "requests")["starts"]) == buckets


def test_the_busiest_applications_come_first(client: Client) -> None:
    shop, billing, gone = map(create_application, ("shop", "billing", "gone"))
    ask(shop, 200)
    ask(billing, *[200] * 9, 500)
    ask(gone, *[200] * 20)
    deletion.want(gone)
    page = index(client)
    busiest = re.findall(r'href="/applications/(\d+)/traffic/">', page)
    assert busiest == [str(billing.pk), str(shop.pk)]
    assert '<span class="failing-many">10.0 %</span> errors' in page
    assert totals(page, "requests") == {"2xx": 10, "5xx": 1}


def test_hours_that_a_midnight_cuts_count_where_they_begin(client: Client) -> None:
    client.cookies["zone"] = "Asia/Kolkata"  # where days begin at 18:30 UTC
    shop = create_application("shop")
    for hours in range(1, 49):
        ask(shop, 200, ago=timedelta(hours=hours))
    counted = totals(index(client, "?range=30d"), "requests")
    assert counted == {"2xx": 48}


def test_where_nothing_was_asked_nothing_is_told_of_it(client: Client) -> None:
    store(create_application("shop"), "Paid", 20)
    page = index(client)
    assert "requests-json" not in page
    assert "Requests of all" not in page


def test_requests_are_for_those_who_may_view_them(client: Client) -> None:
    shop = create_application("shop")
    ask(shop, 200)
    store(shop, "Declined", 40)
    user = create_user(is_staff=True)
    client.force_login(user)
    for permissions, events, requests in (
        (["view_application", "view_event"], True, False),
        (["view_application", "view_request"], False, True),
        (["view_request"], False, False),
    ):
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        page = index(client)
        assert ("course-json" in page, "requests-json" in page) == (events, requests)
