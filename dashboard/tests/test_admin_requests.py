"""The admin's requests: to look at, found by filters, never counted, whatever is in them."""

import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from applications import deletion
from applications.factories import create_application, create_user
from applications.models import Application
from dashboard import admin_found
from ingest import pipeline
from ingest.factories import create_requests
from stats.traffic import deletions
from traffic.factories import create_request_record
from traffic.models import LearnedPlace, Request
from traffic.records import RequestRecord

pytestmark = pytest.mark.django_db

LIST = "/admin/traffic/request/"
AT = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
QUERIES = 5  # session, user, applications; the list, and the oldest hour where it is not full


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(create_user(is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def shop() -> Application:
    return create_application("shop")


def store(application: Application, *records: RequestRecord) -> None:
    with time_machine.travel(AT, tick=False):
        pipeline.accept(application.pk, create_requests(*records))


def request(path: str, *, ago: timedelta = timedelta(), **fields: Any) -> RequestRecord:
    return create_request_record(path, occurred_at=AT - ago, **fields)


def page(client: Client, **query: Any) -> str:
    with time_machine.travel(AT + timedelta(minutes=5), tick=False):
        answer = client.get(LIST, query)
    assert answer.status_code == 200
    return answer.content.decode()


def listed(html: str) -> list[str]:
    """Method and path of each row."""
    found = re.findall(r'<th scope="row"><a [^>]+><b[^>]*>([^<]*)</b> ([^<]*)</a>', html)
    return [f"{method} {path}" for method, path in found]


def test_requests_are_listed_newest_first(client: Client, shop: Application) -> None:
    store(
        shop,
        request("/first", ago=timedelta(hours=2)),
        request("/third", method="POST", status=503, duration_ms=1_250, user_id="ann"),
        request("/second", ago=timedelta(hours=1)),
    )
    html = page(client)
    assert listed(html) == ["POST /third", "GET /second", "GET /first"]
    for words in ("status-5", "1.25 s", "ann", '<time datetime="2026-11-21T08:30:00+00:00">'):
        assert words in html


def test_without_a_choice_the_busiest_application_is_shown(
    client: Client, shop: Application
) -> None:
    billing = create_application("billing")
    create_application("quiet")
    store(shop, request("/of-shop"))
    store(billing, request("/of-billing"), request("/of-billing"))
    assert listed(page(client)) == ["GET /of-billing"] * 2
    assert listed(page(client, application=shop.pk)) == ["GET /of-shop"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"status": "404"}, ["GET /missing"]),
        ({"status": "4xx"}, ["GET /missing"]),
        ({"status": "5XX"}, ["GET /broken"]),
        ({"q": "ISS"}, ["GET /missing"]),
        ({"user": "ann"}, ["GET /broken"]),
        ({"since": "2026-11-21T08:00", "until": "2026-11-21T09:00"}, ["GET /broken"]),
        ({"until": "2026-11-21T08:00"}, ["GET /missing"]),
        ({"status": "404", "user": "ann"}, []),
    ],
)
def test_the_list_is_filtered(
    client: Client, shop: Application, filters: dict[str, Any], found: list[str]
) -> None:
    store(shop, request("/missing", status=404, ago=timedelta(hours=3)))
    store(shop, request("/broken", status=500, user_id="ann"))
    html = page(client, application=shop.pk, **filters)
    assert listed(html) == found
    assert ("No request meets these filters." in html) == (not found)


def test_pages_follow_one_another_and_keep_the_filters(
    client: Client, shop: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin_found, "PAGE_ROWS", 2)
    minute = timedelta(minutes=1)
    store(shop, *(request(f"/{n}", status=200 + 204 * (n % 2), ago=n * minute) for n in range(10)))
    html = page(client, application=shop.pk, status="404")
    seen = listed(html)
    while older := re.search(r'rel="next" href="([^"]+)"', html):
        html = client.get(LIST + older[1].replace("&amp;", "&")).content.decode()
        seen += listed(html)
    assert seen == [f"GET /{n}" for n in (1, 3, 5, 7, 9)]
    assert f'href="?application={shop.pk}&amp;status=404">Newest</a>' in html


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"application": 99}, "Select a valid choice."),
        ({"status": "no"}, "is no status; use one such as 404 or 4xx."),
        ({"since": "soon"}, "Use an ISO 8601 time"),
        ({"since": "2026-11-22", "until": "2026-11-21"}, "must be later"),
        ({"before": "x"}, ""),
    ],
)
def test_filters_that_make_no_sense_are_told_and_nothing_is_listed(
    client: Client, shop: Application, wrong: dict[str, Any], words: str
) -> None:
    store(shop, request("/a"))
    answer = client.get(LIST, {"application": shop.pk, **wrong})
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert listed(answer.content.decode()) == []


def test_where_there_is_no_application_the_list_says_so(client: Client) -> None:
    assert "There is no application yet, and so no request." in page(client)


def test_the_list_counts_no_requests_and_costs_no_more_queries_whatever_it_holds(
    client: Client, shop: Application
) -> None:
    for _ in range(3):
        store(shop, *(request(f"/{n}", status=404) for n in range(50)))
        store(create_application(), request("/other"))
        for filters, more in (({}, 0), ({"status": "404"}, 1)):
            with CaptureQueriesContext(connection) as queries:
                page(client, application=shop.pk, **filters)
            assert len(queries) <= QUERIES + more
            of_requests = [one["sql"] for one in queries if "traffic_request" in one["sql"]]
            assert len(of_requests) == 1
            assert "COUNT(" not in of_requests[0].upper()


# --- One request -------------------------------------------------------------------------------


def request_page(client: Client, identifier: object) -> str:
    answer = client.get(f"{LIST}{identifier}/change/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_request_is_shown_with_all_that_it_has(
    client: Client, shop: Application, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    store(
        shop,
        request(
            "/v2/orders/7",
            method="PUT",
            status=422,
            duration_ms=81,
            request_bytes=512,
            response_bytes=1_500,
            hostname="api.example",
            framework="FastAPI",
            release="1.4",
            environment="production",
            referrer="https://shop.example/cart",
            ip_address=ip_address("192.0.2.1"),
            user_agent="curl/8.4",
            user_id="customer-7",
            trace_id="4bf92f35",
            event_id=UUID(int=7),
            request_id=UUID(int=8),
        ),
    )
    identifier = Request.objects.get().id
    with django_assert_num_queries(5):  # session, user, applications, the request, its user agent
        html = request_page(client, identifier)
    for words in (
        "PUT /v2/orders/7", "422", "81 ms", "512 B", "1.5 kB", "api.example", "FastAPI", "1.4",
        "production", "shop.example", "192.0.2.1", "curl/8.4", "customer-7", "4bf92f35", "v2",
        "/v2/orders/{id}", str(UUID(int=7)), str(UUID(int=8)), str(identifier),
        f'href="/applications/{shop.pk}/traffic/"',
    ):  # fmt: skip
        assert words in html


def test_there_is_no_page_of_what_does_not_exist(client: Client, shop: Application) -> None:
    store(shop, request("/a"))
    identifier = Request.objects.get().id
    deletion.want(shop)
    for unknown in (identifier, UUID(int=1), "01936f2e-7c00-7000-8000-000000000000", "nothing"):
        assert client.get(f"{LIST}{unknown}/change/").status_code == 404


def test_requests_are_only_to_look_at(client: Client, shop: Application) -> None:
    store(shop, request("/untouched"))
    identifier = Request.objects.get().id
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{identifier}/delete/", {"post": "yes"}).status_code == 403
    client.post(f"{LIST}{identifier}/change/", {"path": "/changed"})
    client.post(LIST, {"action": "delete_selected", "_selected_action": [str(identifier)]})
    assert Request.objects.get().path == "/untouched"
    assert "<form" not in request_page(client, identifier).split('id="content"')[1]


def test_requests_need_the_permission_to_view_them(client: Client, shop: Application) -> None:
    store(shop, request("/a"))
    paths = (LIST, f"{LIST}{Request.objects.get().id}/change/")
    user = create_user(is_staff=True)
    client.force_login(user)
    assert [client.get(path).status_code for path in paths] == [403, 403]
    user.user_permissions.add(Permission.objects.get(codename="view_request"))
    assert [client.get(path).status_code for path in paths] == [200, 200]


def test_hostile_requests_are_text_in_the_list_and_on_their_page(
    client: Client, shop: Application
) -> None:
    hostile = "<script>alert(1)</script>\u202egnp.exe\x1b[2J"
    texts = ("user_id", "hostname", "release", "environment", "user_agent", "referrer", "trace_id")
    fields: dict[str, Any] = dict.fromkeys(texts, hostile)
    store(shop, request(f"/{hostile}", method="<b>", route=f"/{hostile}", **fields))
    for html in (page(client), request_page(client, Request.objects.get().id)):
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
        assert not re.search("[\u202e\x1b]", html)


# --- What is kept about them -------------------------------------------------------------------


def test_learned_places_and_wanted_deletions_are_visible_and_stay_as_they_are(
    client: Client, shop: Application
) -> None:
    LearnedPlace.objects.create(application=shop, place="/tags")
    wanted = deletions.want(shop.pk, user="ann\u202e")
    for kind, words in (
        ("learnedplace", ["shop", "/tags"]),
        ("wanteddeletion", ["shop", r"ann\u202e"]),
    ):
        path = f"/admin/traffic/{kind}/"
        answer = client.get(path)
        assert answer.status_code == 200
        html = answer.content.decode()
        assert all(word in html for word in words)
        assert client.get(f"{path}add/").status_code == 403
    delete = f"/admin/traffic/wanteddeletion/{wanted.pk}/delete/"
    assert client.post(delete, {"post": "yes"}).status_code == 403
