"""The admin's events: to look at, found by filters, never counted, whatever is in them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from applications import deletion
from applications.factories import create_application, create_user
from applications.models import Application
from dashboard import admin_found
from events.models import Event
from events.records import EventRecord, json_of
from ingest import pipeline
from ingest.factories import create_batch, create_record

pytestmark = pytest.mark.django_db

LIST = "/admin/events/event/"
AT = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
QUERIES = 7  # session, user, applications; closed days, days, hours and rows of the list


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(create_user(is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def shop() -> Application:
    return create_application("shop")


def store(application: Application, *records: EventRecord, at: datetime = AT) -> list[UUID]:
    outcome = pipeline.accept(application.pk, create_batch(*records), received_at=at)
    return [stored.id for stored in outcome.accepted]


def page(client: Client, **query: Any) -> str:
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    return answer.content.decode()


def listed(html: str) -> list[str]:
    return re.findall(r'<th scope="row"><a [^>]+>([^<]*)</a>', html)


def test_events_are_listed_newest_first(client: Client, shop: Application) -> None:
    for minute, message in enumerate(["First", "Second", "Third"]):
        store(shop, create_record(message), at=AT + timedelta(minutes=minute))
    html = page(client)
    assert listed(html) == ["Third", "Second", "First"]
    assert '<time datetime="2026-11-21T08:32:00+00:00">' in html


def test_without_a_choice_the_application_with_the_newest_event_is_shown(
    client: Client, shop: Application
) -> None:
    billing = create_application("billing")
    create_application("quiet")
    store(billing, create_record("Of billing"), at=AT + timedelta(days=1))
    store(shop, create_record("Of shop"))
    assert listed(page(client)) == ["Of billing"]
    assert listed(page(client, application=shop.pk)) == ["Of shop"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"level": 40}, ["Declined"]),
        ({"level": [40, 20]}, ["Declined", "Paid by card"]),
        ({"q": "CARD"}, ["Paid by card"]),
        ({"environment": "staging"}, ["Declined"]),
        ({"release": "1.0"}, ["Paid by card"]),
        ({"since": "2026-11-21T08:00", "until": "2026-11-21T09:00"}, ["Declined", "Paid by card"]),
        ({"until": "2026-11-21T08:00"}, ["Yesterday"]),
        ({"level": 40, "release": "1.0"}, []),
    ],
)
def test_the_list_is_filtered(
    client: Client, shop: Application, filters: dict[str, Any], found: list[str]
) -> None:
    store(shop, create_record("Yesterday", level=10), at=AT - timedelta(days=1))
    store(
        shop,
        create_record("Paid by card", level=20, environment="production", release="1.0"),
        create_record("Declined", level=40, environment="staging", release="1.1"),
    )
    html = page(client, application=shop.pk, **filters)
    assert listed(html) == found
    assert ("No event meets these filters." in html) == (not found)


def test_times_are_those_of_the_viewer(client: Client, shop: Application) -> None:
    store(shop, create_record("At half past eight in London"))
    client.cookies["zone"] = "Europe/Warsaw"
    early = {"since": "2026-11-21T09:15", "until": "2026-11-21T09:45"}
    html = page(client, application=shop.pk, **early)
    assert listed(html) == ["At half past eight in London"]
    assert "21 Nov 2026, 09:30:00" in html


def test_pages_follow_one_another_and_keep_the_filters(
    client: Client, shop: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin_found, "PAGE_ROWS", 2)
    store(shop, *(create_record(f"Number {n}", level=10 + 10 * (n % 2)) for n in range(10)))
    html = page(client, application=shop.pk, level=20)
    seen = listed(html)
    while older := re.search(r'rel="next" href="([^"]+)"', html):
        html = client.get(LIST + older[1].replace("&amp;", "&")).content.decode()
        seen += listed(html)
    assert seen == ["Number 9", "Number 7", "Number 5", "Number 3", "Number 1"]
    assert f'href="?application={shop.pk}&amp;level=20">Newest</a>' in html


def test_filters_that_make_no_sense_are_told_and_nothing_is_listed(
    client: Client, shop: Application
) -> None:
    store(shop, create_record("Boom"))
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"application": 99}, "Select a valid choice."),
        ({"application": shop.pk, "since": "soon"}, "Use an ISO 8601 time"),
        ({"application": shop.pk, "since": "2026-11-22", "until": "2026-11-21"}, "must be later"),
    ]
    for query, words in wrong:
        answer = client.get(LIST, query)
        assert answer.status_code == 400
        assert words in answer.content.decode()
        assert listed(answer.content.decode()) == []


def test_where_there_is_no_application_the_list_says_so(client: Client) -> None:
    assert "There is no application yet" in page(client)


@pytest.mark.parametrize("filters", [{}, {"level": 40, "q": "Message 7"}])
def test_the_list_counts_no_events_and_costs_the_same_queries_whatever_it_holds(
    client: Client, shop: Application, filters: dict[str, Any]
) -> None:
    for number in range(3):
        store(shop, *(create_record(f"Message {n}") for n in range(50)))
        store(create_application(), create_record(), at=AT - timedelta(days=number))
        with CaptureQueriesContext(connection) as queries:
            page(client, application=shop.pk, **filters)
        assert len(queries) == QUERIES
        of_events = [query["sql"] for query in queries if "events_event" in query["sql"]]
        assert len(of_events) == 1
        assert "COUNT(" not in of_events[0].upper()


# --- One event ---------------------------------------------------------------------------------


def event_page(client: Client, identifier: object) -> str:
    answer = client.get(f"{LIST}{identifier}/change/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_event_is_shown_with_all_that_it_has(
    client: Client, shop: Application, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    frame = {"file": "shop/cart.py", "line": 7, "function": "total"}
    told = create_record(
        "Declined",
        occurred_at=AT - timedelta(hours=1),
        stack=json_of({"type": "CardError", "frames": [frame]}),
        tags=json_of({"card": "visa"}),
        event_id=UUID(int=7),
        environment="production",
        release="1.4",
        server_name="web-1",
        logger="shop.cart",
        trace_id="4bf92f35",
        user=json_of({"id": 17}),
        data=json_of({"attempt": 3}),
    )
    [identifier] = store(shop, told)
    with django_assert_num_queries(4):  # session, user, applications, the event
        html = event_page(client, identifier)
    for words in (
        "Declined", "07:30:00", "08:30:00", "CardError", "total (shop/cart.py:7)", "visa",
        str(UUID(int=7)), "production", "1.4", "web-1", "shop.cart", "4bf92f35",
        "&quot;id&quot;: 17", "&quot;attempt&quot;: 3",
        f'href="/applications/{shop.pk}/events/{identifier}/"',
    ):  # fmt: skip
        assert words in html


def test_there_is_no_page_of_what_does_not_exist(client: Client, shop: Application) -> None:
    [identifier] = store(shop, create_record())
    deletion.want(shop)
    for unknown in (identifier, UUID(int=1), "01936f2e-7c00-7000-8000-000000000000", "nothing"):
        assert client.get(f"{LIST}{unknown}/change/").status_code == 404


def test_events_are_only_to_look_at(client: Client, shop: Application) -> None:
    [identifier] = store(shop, create_record("Untouched"))
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{identifier}/delete/", {"post": "yes"}).status_code == 403
    client.post(f"{LIST}{identifier}/change/", {"message": "Changed"})
    client.post(LIST, {"action": "delete_selected", "_selected_action": [str(identifier)]})
    assert Event.objects.get().message == "Untouched"
    assert "<form" not in event_page(client, identifier).split('id="content"')[1]


def test_events_need_the_permission_to_view_them(client: Client, shop: Application) -> None:
    [identifier] = store(shop, create_record())
    user = create_user(is_staff=True)
    client.force_login(user)
    for path in (LIST, f"{LIST}{identifier}/change/"):
        assert client.get(path).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="view_event"))
    for path in (LIST, f"{LIST}{identifier}/change/"):
        assert client.get(path).status_code == 200


HOSTILE = "<script>alert(1)</script></pre>\u202egnp.exe\x1b[2J\x07"


def deep(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels):
        value = {"deeper": value}
    return value


def test_hostile_events_are_text_in_the_list_and_on_their_page(
    client: Client, shop: Application
) -> None:
    hostile = create_record(
        HOSTILE,
        stack=json_of(HOSTILE),
        tags=json_of({HOSTILE: HOSTILE}),
        environment=HOSTILE,
        release=HOSTILE,
        server_name=HOSTILE,
        logger=HOSTILE,
        trace_id=HOSTILE,
        user=json_of(HOSTILE),
        data=json_of(deep(150)),
    )
    [identifier] = store(shop, hostile)
    for html in (page(client), event_page(client, identifier)):
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
        assert not re.search("[\u202e\x1b\x07]", html)
        assert r"\u202e" in html


def test_messages_of_nothing_are_links_too(client: Client, shop: Application) -> None:
    store(shop, create_record(""), create_record(" \n\n "), create_record("\n\nSecond line"))
    assert listed(page(client)) == ["Second line", "(no message)", "(no message)"]


def test_huge_events_make_bounded_pages(client: Client, shop: Application) -> None:
    huge = create_record("M" * 1_000_000, data=json_of({"text": "D" * 900_000}))
    [identifier] = store(shop, huge)
    assert len(page(client)) < 50_000
    html = event_page(client, identifier)
    assert len(html) < 300_000
    assert html.count("This is its beginning") == 2
