"""The list of applications: who sees which, what it tells, in which order, at what cost."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from applications.factories import create_application, create_member, create_user
from applications.models import Application, Membership
from dashboard.overview_monitors import Watched
from dashboard.overview_rows import PER_PAGE, Row, status
from dashboard.tests.reading_pages import elements
from ingest import pipeline
from ingest.factories import create_batch, create_record, create_requests
from monitors.factories import create_monitor
from stats.totals import Overview
from traffic.factories import create_request_record

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# Session, user, whether there is demo data, the count, the page; and of the figures: the hours, the
# day before, twice which days are closed and when the last was, the requests and the monitors.
QUERIES = 13


@pytest.fixture
def staff(client: Client) -> User:
    user = create_user(is_staff=True)
    client.force_login(user)
    return user


def accept(application: Application, *levels: int, ago: timedelta = timedelta(0)) -> None:
    batch = create_batch(*(create_record(level=level) for level in levels))
    pipeline.accept(application.pk, batch, received_at=datetime.now(UTC) - ago)


def ask(application: Application, *statuses: int, ago: timedelta = HOUR) -> None:
    at = datetime.now(UTC) - ago
    records = [create_request_record("/a", status=one, occurred_at=at) for one in statuses]
    pipeline.accept(application.pk, create_requests(*records))


def shown(client: Client, query: str = "") -> Any:
    answer = client.get(f"/?{query}")
    assert answer.status_code == 200
    return answer


def rows(client: Client, query: str = "") -> list[Row]:
    found: list[Row] = shown(client, query).context["rows"]
    return found


def names(client: Client, query: str = "") -> list[str]:
    return [row.application.name for row in rows(client, query)]


def test_whoever_is_signed_out_is_asked_to_sign_in(client: Client) -> None:
    answer = client.get("/?q=shop")
    assert answer.status_code == 302
    assert answer["Location"] == "/account/sign-in/?next=/%3Fq%3Dshop"


def test_members_see_theirs_and_staff_see_all(client: Client) -> None:
    shop, _search = create_application("shop"), create_application("search")
    client.force_login(create_member(shop))
    assert names(client) == ["shop"]
    client.force_login(create_user(is_staff=True))
    assert names(client) == ["search", "shop"]


def test_a_row_tells_counts_levels_trend_and_the_last_event(client: Client, staff: User) -> None:
    shop = create_application("shop")
    accept(shop, 50, 40, 40, 20, 10, 10)
    accept(shop, *[20] * 4, ago=DAY + 2 * HOUR)
    (row,) = rows(client)
    assert row.levels == [(50, 1), (40, 2), (20, 1), (10, 2)]
    assert row.overview.count_24h == 6
    assert row.trend is not None
    assert row.trend.text == "+50 %"
    page = shown(client).content.decode()
    assert 'class="spark"' in page
    assert f'href="/applications/{shop.pk}/" data-row' in page
    text = " ".join(re.sub(r"<[^>]*>", " ", page).split())
    assert "shop Error just now 6 events in 24 hours +50 % against the day before" in text
    assert "1 CRITICAL 2 ERROR 1 INFO 2 DEBUG last event just now" in text


def test_an_application_without_events_says_so(client: Client, staff: User) -> None:
    create_application("shop")
    create_application("search")
    page = shown(client).content.decode()
    assert page.count("No events yet") == 2
    assert page.count("never") == 2
    assert [row.trend for row in rows(client)] == [None, None]


@pytest.mark.parametrize(
    ("last_event", "last_error", "name", "words"),
    [
        (None, None, "new", "No events yet"),
        (NOW, NOW - 59 * HOUR / 60, "bad", "Error 59 min ago"),
        (NOW, NOW - HOUR, "fair", "Error 1 h ago"),
        (NOW, NOW - DAY, "good", "No errors in 24 h"),
        (NOW - 23 * HOUR, None, "good", "No errors in 24 h"),
        (NOW - DAY, NOW - DAY, "quiet", "No events in 24 h"),
    ],
)
def test_the_status_is_the_worst_that_is_true(
    last_event: datetime | None, last_error: datetime | None, name: str, words: str
) -> None:
    found = status(Overview({}, last_event_at=last_event, last_error_at=last_error), NOW)
    assert (found.name, found.words) == (name, words)


def test_names_are_searched(client: Client, staff: User) -> None:
    for name in ("shop", "web-shop", "search"):
        create_application(name)
    assert names(client, "q=Shop") == ["shop", "web-shop"]
    page = shown(client, "q=%3Cb%3E").content.decode()
    assert "No application has “&lt;b&gt;” in its name." in page
    assert 'value="&lt;b&gt;"' in page


@pytest.mark.parametrize("query", ["q=%00", "sort=%00", "sort=owner", "page=x", "page=999"])
def test_what_can_not_be_understood_is_left_out(client: Client, staff: User, query: str) -> None:
    create_application("shop")
    assert names(client, query) == ["shop"]


def test_the_order_is_chosen_by_links_and_stays_with_the_search(
    client: Client, staff: User
) -> None:
    busy, broken, new = map(create_application, ("a-busy", "b-broken", "c-new"))
    accept(broken, 40, 50, ago=HOUR / 30)
    accept(busy, 40, 20, 20, 20, ago=HOUR)
    assert names(client) == ["a-busy", "b-broken", "c-new"]
    assert names(client, "sort=events") == ["a-busy", "b-broken", "c-new"]
    assert names(client, "sort=errors") == ["b-broken", "a-busy", "c-new"]
    assert names(client, "sort=last-event") == ["b-broken", "a-busy", "c-new"]
    accept(new, *[20] * 9)
    assert names(client, "sort=events") == ["c-new", "a-busy", "b-broken"]
    page = shown(client, "sort=errors&q=b").content.decode()
    assert 'href="?sort=events&amp;q=b"' in page
    (current,) = re.findall(r'aria-current="true"[^>]*>(.*?)</a>', page)
    assert current == 'Errors<span class="visually-hidden"> most first</span>'


@pytest.mark.parametrize("sort", ["name", "events", "requests"])
def test_more_than_a_page_is_paged(client: Client, staff: User, sort: str) -> None:
    for number in range(PER_PAGE + 1):
        create_application(f"app-{number:03}")
    first = names(client, f"sort={sort}")
    assert len(first) == PER_PAGE
    page = shown(client, f"sort={sort}").content.decode()
    assert f'rel="next" href="?sort={sort}&amp;page=2"' in page
    assert "1–50 of 51" in page
    assert names(client, f"sort={sort}&page=2") == [f"app-{PER_PAGE:03}"]


@pytest.mark.parametrize(
    ("query", "queries"),
    [
        ("", QUERIES), ("sort=events", QUERIES), ("sort=errors", QUERIES),
        ("sort=last-event", QUERIES), ("q=app", QUERIES),
        ("sort=requests", QUERIES + 1), ("sort=error-rate", QUERIES + 1),
    ],
)  # fmt: skip
def test_fifty_applications_cost_the_queries_of_five(
    client: Client,
    staff: User,
    query: str,
    queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for count in (5, 45):
        for number in range(count):
            application = create_application(f"app-{count}-{number}")
            if number % 3:
                accept(application, 40 if number % 2 else 20)
            if number % 2:
                ask(application, 200, 500)
        with django_assert_num_queries(queries):
            shown(client, query)


def test_the_list_stays_fresh_and_can_be_paused(client: Client, staff: User) -> None:
    create_application("shop")
    page = shown(client).content.decode()
    assert 'data-refresh="10"' in page
    assert '<div id="applications" data-live>' in page
    assert "data-pause" in page


# --- Traffic ---------------------------------------------------------------------------------


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_requests_of_a_day_are_told_beside_the_events(client: Client, staff: User) -> None:
    shop, quiet, _new = map(create_application, ("shop", "quiet", "new"))
    accept(shop, 20)
    ask(shop, *[200] * 1_497, 404, 500, 503)
    ask(shop, 500, ago=25 * HOUR)
    ask(quiet, 200, ago=25 * HOUR)
    page = shown(client).content.decode()
    assert "1.5k requests 0.20 % errors, p95 13 ms" in words(page)
    assert page.count("overview-traffic") == 1
    assert [row.traffic is not None for row in rows(client)] == [False, False, True]


def test_an_installation_without_traffic_shows_nothing_of_it(client: Client, staff: User) -> None:
    accept(create_application("shop"), 40)
    for page in (shown(client).content.decode(), shown(client, "sort=errors").content.decode()):
        assert "equests" not in page
        assert "overview-wide" not in page
        assert "Error rate" not in page


def test_traffic_on_another_page_is_offered_to_sort_by(client: Client, staff: User) -> None:
    *_others, last = [create_application(f"app-{number:03}") for number in range(PER_PAGE + 1)]
    ask(last, 200)
    page = shown(client).content.decode()
    assert "overview-traffic" not in page
    assert 'href="?sort=requests"' in page
    assert names(client, "sort=requests")[:2] == [last.name, "app-000"]


def test_applications_are_ordered_by_requests_and_by_the_share_that_failed(
    client: Client, staff: User
) -> None:
    busy, failing, fine, _quiet = map(create_application, ("busy", "failing", "fine", "a-quiet"))
    ask(busy, *[200] * 9, 500)
    ask(failing, 200, 404)
    ask(fine, 200)
    assert names(client, "sort=requests") == ["busy", "failing", "fine", "a-quiet"]
    assert names(client, "sort=error-rate") == ["failing", "busy", "fine", "a-quiet"]
    page = shown(client, "sort=error-rate").content.decode()
    (current,) = re.findall(r'aria-current="true"[^>]*>(.*?)</a>', page)
    assert current == 'Error rate<span class="visually-hidden"> most first</span>'


@pytest.mark.parametrize(
    ("statuses", "tone"),
    [([200] * 9 + [500], "many"), ([200] * 60 + [500], "some"), ([200] * 99 + [404], "")],
)
def test_failures_that_are_many_stand_out(
    client: Client, staff: User, statuses: list[int], tone: str
) -> None:
    ask(create_application("shop"), *statuses)
    (row,) = rows(client)
    assert row.traffic is not None
    assert row.traffic.tone == tone
    assert ("failing-" in shown(client).content.decode()) == bool(tone)


def test_who_sends_requests_only_is_led_to_them(client: Client, staff: User) -> None:
    shop = create_application("shop")
    ask(shop, 200)
    (row,) = rows(client)
    assert row.status.words == "Requests only"
    page = shown(client).content.decode()
    assert f'href="/applications/{shop.pk}/traffic/" data-row' in page
    assert "Send the first event" not in page


def test_others_requests_are_not_told(client: Client) -> None:
    shop, search = create_application("shop"), create_application("search")
    ask(search, 200)
    client.force_login(create_member(shop))
    assert "equests" not in shown(client).content.decode()


# --- The first time --------------------------------------------------------------------------


def test_without_applications_staff_may_create_one_or_load_the_demo(
    client: Client, staff: User
) -> None:
    page = shown(client).content.decode()
    assert 'class="button button-main" href="/applications/new/">Create an application' in page
    assert 'method="post" action="/demo/load/"' in page
    assert page.count("button-main") == 1


def test_without_applications_others_are_told_whom_to_ask(client: Client) -> None:
    client.force_login(create_user())
    page = shown(client).content.decode()
    assert "Ask whoever administers Log Handler here" in page
    assert "/applications/new/" not in page
    assert "/demo/load/" not in page


def test_the_only_application_leads_to_its_first_event(client: Client, staff: User) -> None:
    first = create_application("my-first-app")
    setup = f'<a class="button button-main" href="/applications/{first.pk}/setup/">'
    page = shown(client).content.decode()
    assert setup in page
    assert 'action="/demo/load/"' in page
    accept(first, 20)
    page = shown(client).content.decode()
    assert setup not in page
    assert '<div id="first-steps"' in page  # where the news of the first event takes it away


def test_a_viewer_is_not_offered_the_demo(client: Client) -> None:
    client.force_login(create_member(create_application("shop"), Membership.VIEWER))
    page = shown(client).content.decode()
    assert "Send the first event" in page
    assert "/demo/load/" not in page
    assert "/applications/new/" not in page


def test_demo_data_says_so_and_staff_may_remove_it(client: Client, staff: User) -> None:
    demo = create_application("demo-shop", demo=True)
    page = shown(client).content.decode()
    assert "hold demo data" in page
    assert 'method="post" action="/demo/remove/"' in page
    client.force_login(create_member(demo))
    page = shown(client).content.decode()
    assert "hold demo data" in page
    assert "/demo/remove/" not in page
    client.force_login(create_member(create_application("shop")))
    assert "demo" not in shown(client).content.decode()


def test_monitors_are_told_in_words_and_lead_to_their_page(client: Client, staff: User) -> None:
    up, down, without = (create_application(name) for name in ("a-up", "b-down", "c-without"))
    for number in range(3):
        create_monitor(None, f"up-{number}", up, state="up")
    create_monitor(None, "Old", up, state="down", paused=True)
    for number in range(4):
        create_monitor(None, f"Warehouse {number}", down, state="down")
    create_monitor(None, "New", down)
    told = {row.application: row.monitors for row in rows(client)}
    assert told[up] == Watched("3 up, 1 paused", "good")
    words = "4 down (Warehouse 0, Warehouse 1 and 2 more), 1 waiting"
    assert told[down] == Watched(words, "bad")
    assert told[without] is None
    assert f"/applications/{down.pk}/monitors/" in elements(shown(client).content.decode()).links()
