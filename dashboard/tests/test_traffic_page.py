"""The traffic page: its figures are those of the requests, and any click filters everything."""

import csv
import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from applications.factories import create_application, create_member, create_user
from applications.models import Application
from dashboard.country_names import NAMES
from dashboard.tests.reading_pages import Elements, elements
from dashboard.tests.traffic_pages import drawn, page, store
from traffic.factories import create_request_record
from traffic.records import RequestRecord

pytestmark = pytest.mark.django_db
MINUTES = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel("2026-11-21T10:30:30Z", tick=False):
        yield


@pytest.fixture
def application() -> Application:
    return create_application("shop")


@pytest.fixture
def client(client: Client, application: Application) -> Client:
    client.force_login(create_member(application))
    return client


def request(path: str = "/a", *, ago: timedelta = MINUTES, **fields: Any) -> RequestRecord:
    return create_request_record(path, occurred_at=timezone.now() - ago, **fields)


def tiles(found: Elements) -> dict[str, str]:
    return dict(
        zip(found.texts("span", "tile-label"), found.texts("span", "tile-figure"), strict=True)
    )


def counts(found: Elements) -> dict[str, int]:
    return {one["label"]: sum(one["values"]) for one in drawn(found)["series"]}


def routes(found: Elements) -> list[str]:
    return [" ".join(text.split()) for text in found.texts("a", "route")]


def paths(found: Elements) -> list[str]:
    return found.texts("bdi", "request-path")


def test_tiles_tell_what_was_asked_and_how_it_was_answered(
    client: Client, application: Application
) -> None:
    records = [
        request(f"/items/{n}", duration_ms=10 * (n + 1), user_id=f"u{n % 4}", response_bytes=1_500)
        for n in range(10)
    ]
    store(application, *records, request("/b", status=500, user_id="u9"), request(status=404))
    found = tiles(page(client, application, range="1h"))
    assert found["Requests"] == "12"
    assert found["Error rate"] == "16.7 %"
    assert found["Users"] == "5"
    assert found["Bytes sent"] == "15 kB"
    assert 90 <= float(found["p95"].removesuffix(" ms")) <= 100
    assert found["Requests a minute"] == "0.202"  # 59.5 minutes


def test_tiles_are_told_against_the_period_before(client: Client, application: Application) -> None:
    store(application, *[request()] * 3, *[request(ago=timedelta(hours=26))] * 2)
    found = page(client, application)
    assert found.texts("span", "trend")[0] == "↑ +50 %"


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        ("requests", {"2xx": 2, "4xx": 1, "5xx": 1}),
        ("errors", {"4xx": 1, "5xx": 1}),
        ("users", {"Users": 2}),
        ("bytes", {"Bytes sent": 700}),
    ],
)
def test_a_tile_selects_the_chart(
    client: Client, application: Application, figure: str, expected: dict[str, int]
) -> None:
    store(
        application,
        request(user_id="a", response_bytes=300),
        request(user_id="b", response_bytes=400),
        request(status=404),
        request(status=503),
    )
    assert counts(page(client, application, figure=figure, range="1h")) == expected


def test_latency_is_drawn_as_lines_with_gaps_where_nothing_was_asked(
    client: Client, application: Application
) -> None:
    store(application, request(duration_ms=100), request(duration_ms=200))
    found = drawn(page(client, application, figure="latency", range="1h"))
    assert found["lines"]
    assert [one["label"] for one in found["series"]] == ["p50", "p95", "p99"]
    (median,) = [value for value in found["series"][0]["values"] if value is not None]
    assert median == pytest.approx(150, rel=0.03)


def test_durations_have_a_true_histogram(client: Client, application: Application) -> None:
    store(application, *[request(duration_ms=10)] * 5, *[request(duration_ms=900)] * 3)
    found = drawn(page(client, application), "durations")
    (series,) = found["series"]
    assert sum(series["values"]) == 8
    assert (series["values"][0], series["values"][-1]) == (5, 3)
    assert found["titles"][0] == "up to 11 ms"


def test_methods_of_a_route_are_told_apart_and_sorted(
    client: Client, application: Application
) -> None:
    store(
        application,
        *[request("/users/7")] * 3,
        *[request("/users/8", method="POST", status=500)] * 2,
        request("/a", duration_ms=5_000),
    )
    assert routes(page(client, application)) == ["GET /users/{id}", "POST /users/{id}", "GET /a"]
    assert routes(page(client, application, sort="-p95"))[0] == "GET /a"
    assert routes(page(client, application, sort="-error_rate"))[0] == "POST /users/{id}"
    assert routes(page(client, application, search="post")) == ["POST /users/{id}"]


def test_a_sorted_column_offers_the_other_order(client: Client, application: Application) -> None:
    store(application, request())
    found = page(client, application, sort="-p95")
    (head,) = [one for one in found.all("th") if "aria-sort" in one.attributes]
    assert (head.text, head.attributes["aria-sort"]) == ("p95", "descending")
    assert "?sort=p95#routes" in found.links()


COUNTRIES = {"FR": 12, "US": 3, **dict.fromkeys(("DE", "PL", "SG", "MT", "HK", "BR", "JP"), 1)}
FACETS = {
    "status": "404",
    "country": None,  # without a database
    "client": "curl",
    "device": "Program",
    "hostname": "b.example",
    "version": "v2",
    "referrer": "https://example.com/from",
    "user": "ann",
    "release": "1.2",
    "method": "PUT",
    "route": "/v2/x/{id}",
}


@pytest.mark.parametrize(("name", "value"), [pair for pair in FACETS.items() if pair[1]])
def test_a_click_filters_everything_and_another_leaves_out(
    client: Client, application: Application, name: str, value: str
) -> None:
    special = request(
        "/v2/x/7",
        method="PUT",
        status=404,
        user_agent="curl/8",
        hostname="b.example",
        referrer="https://example.com/from?x=1",
        user_id="ann",
        release="1.2",
    )
    store(application, special, request("/other", user_id="bob"), request("/other"))
    only = page(client, application, **{name: value})
    assert tiles(only)["Requests"] == "1"
    assert routes(only) == ["PUT /v2/x/{id}"]
    assert paths(only) == ["/v2/x/7"]
    assert sum(counts(only).values()) == 1
    assert f"{value}" in " ".join(only.texts("a", "chip"))
    without = page(client, application, **{f"not_{name}": value})
    assert tiles(without)["Requests"] == "2"
    assert paths(without) == ["/other", "/other"]


def test_every_value_on_the_page_links_to_its_filters(
    client: Client, application: Application
) -> None:
    store(application, request(user_agent="curl/8", user_id="ann", hostname="a.example"))
    found = page(client, application, range="7d")
    queries = [parse_qs(link.partition("?")[2]) for link in found.links() if "?" in link]
    for name, value in {
        "client": "curl",
        "hostname": "a.example",
        "user": "ann",
        "status": "200",
    }.items():
        assert {"range": ["7d"], name: [value]} in queries
    assert {"range": ["7d"], "not_client": ["curl"]} in queries
    assert {"range": ["7d"], "method": ["GET"], "route": ["/a"]} in queries


def test_the_map_and_the_table_tell_every_country_and_filter_as_the_list_does(
    client: Client, application: Application
) -> None:
    records = [request(country=code) for code, n in COUNTRIES.items() for _ in range(n)]
    store(application, *records, request(), request(country="ZZ"))
    found = page(client, application, range="7d")
    links = [one for one in found.all("a") if "svg" in one.inside]
    drawn_here = {one.attributes["href"]: one.text for one in links}
    assert drawn_here["?range=7d&country=FR"] == "France: 12"
    assert len(drawn_here) == len(COUNTRIES)
    assert all(one.attributes["tabindex"] == "-1" for one in links)
    used = [one.attributes["href"] for one in found.all("use")]
    assert [href.partition("#")[2] for href in used][:2] == ["land", "FR"]
    told = found.texts("th")
    assert {"France", "Singapore", "ZZ"} <= set(told)
    listed_here = [one for one in found.all("a", "value") if "country=" in one.attributes["href"]]
    assert len(listed_here) == 8
    assert set(drawn_here) >= {one.attributes["href"] for one in listed_here} - {
        "?range=7d&country=ZZ"
    }
    chosen = page(client, application, country="FR")
    assert tiles(chosen)["Requests"] == "12"
    (only,) = [one for one in chosen.all("a") if "svg" in one.inside]
    assert only.attributes["href"] == "?"  # once more takes the filter off


def test_without_countries_there_is_no_map(client: Client, application: Application) -> None:
    store(application, request())
    found = page(client, application)
    assert not found.all("use")
    assert "No address has a country here." in found.texts("p")


def test_a_page_of_all_countries_grows_by_little(client: Client, application: Application) -> None:
    path = f"/applications/{application.pk}/traffic/"
    store(application, request(country="FR"))
    few = len(gzip.compress(client.get(path).content))
    store(application, *[request(country=code) for code in NAMES])
    answer = client.get(path).content
    assert answer.count(b"<use ") == len(NAMES) + 1
    assert len(gzip.compress(answer)) - few < 10_000


def test_bots_are_left_out_by_one_click(client: Client, application: Application) -> None:
    store(application, request(user_agent="Googlebot/2.1"), request(user_agent="curl/8"))
    address = "?not_device=Bot&not_device=AI+crawler"
    assert address in page(client, application).links()
    found = page(client, application, not_device=["Bot", "AI crawler"])
    assert tiles(found)["Requests"] == "1"
    assert "Without bots" not in found.texts("a", "button")


def test_users_are_told_with_their_first_and_last_request(
    client: Client, application: Application
) -> None:
    store(
        application,
        request(user_id="ann", ago=timedelta(hours=5)),
        request(user_id="ann", status=500),
        request(ip_address=ip_address("192.0.2.1")),
    )
    ann, hashed = page(client, application).texts("a", "user-row")
    assert " ".join(ann.split()) == "ann 2 1 error first 5 h ago last 1 min ago"
    assert hashed.strip().startswith("~")


def test_hours_of_the_week_are_those_of_the_viewer(
    client: Client, application: Application
) -> None:
    store(application, request())
    client.cookies["browser_zone"] = "Asia/Tokyo"
    found = page(client, application)
    busy = [one.attributes["title"] for one in found.all("td") if "heat-9" in one.classes]
    assert busy == ["Sat 19:00: 1"]


def test_the_strip_of_successes_tells_the_least(client: Client, application: Application) -> None:
    store(application, request(), request(status=500), request(ago=timedelta(hours=3)))
    found = page(client, application)
    (strip,) = found.all("div", "strip")
    assert "the least was 50.0 %" in strip.attributes["aria-label"]
    shades = [one.classes[0] for one in found.all("span") if "div" in one.inside and one.classes]
    assert "success-9" in shades


def test_older_requests_are_a_page_away(client: Client, application: Application) -> None:
    store(application, *[request(f"/items/{n}", ago=n * MINUTES) for n in range(60)])
    first = page(client, application)
    assert len(paths(first)) == 30
    (older,) = [one for one in first.all("a") if one.attributes.get("rel") == "next"]
    query = parse_qs(older.attributes["href"].partition("?")[2].partition("#")[0])
    second = page(client, application, **query)
    assert len({*paths(first), *paths(second)}) == 60


def test_an_application_without_requests_tells_how_to_send_them(
    client: Client, application: Application
) -> None:
    found = page(client, application)
    assert found.texts("h2")[0] == "No request yet"
    assert f"/apps/{application.pk}/requests" in found.texts("pre")[0]


def test_a_filter_that_can_not_be_used_is_a_400_that_says_why(
    client: Client, application: Application
) -> None:
    store(application, request())
    answer = client.get(f"/applications/{application.pk}/traffic/?status=fine&sort=x")
    assert answer.status_code == 400
    assert "is no status; use one such as 404 or 4xx." in answer.content.decode()


def test_a_form_leads_to_a_tidy_address(client: Client, application: Application) -> None:
    path = f"/applications/{application.pk}/traffic/"
    answer = client.get(
        f"{path}?tidy=1&q=&search=us&status=4XX&status=404&range=24h&sort=-requests"
    )
    assert answer["Location"] == f"{path}?status=4xx&status=404&search=us"


@pytest.mark.parametrize("query", [{}, {"range": "30d", "figure": "users"}, {"user": "ann"}])
def test_the_number_of_queries_does_not_grow_with_the_requests(
    client: Client,
    application: Application,
    query: dict[str, str],
    django_assert_max_num_queries: Any,
) -> None:
    store(application, *[request(f"/items/{n}/x{n % 9}", user_id=f"u{n}") for n in range(60)])
    with django_assert_max_num_queries(34):
        page(client, application, **query)


def test_a_part_of_a_path_is_looked_for_in_the_list_alone(
    client: Client, application: Application
) -> None:
    store(application, request("/users/7"), request("/orders/8"))
    found = page(client, application, q="SERS/")
    assert paths(found) == ["/users/7"]
    assert tiles(found)["Requests"] == "2"
    assert "path in the list SERS/" in " ".join(found.texts("a", "chip")).replace(":", "")


def test_filters_are_typed_into_the_search(client: Client, application: Application) -> None:
    store(
        application,
        request("/cart", status=503, hostname="a.example"),
        request("/cart", status=503, hostname="b.example"),
        request("/cart"),
    )
    typed = "?tidy=1&q=car+status:5xx+-host:b.example"
    answer = client.get(f"/applications/{application.pk}/traffic/{typed}")
    assert answer["Location"].endswith("?status=5xx&not_hostname=b.example&q=car")
    found = page(client, application, status="5xx", not_hostname="b.example", q="car")
    assert tiles(found)["Requests"] == "1"
    wrong = client.get(f"/applications/{application.pk}/traffic/?q=status:teapot")
    assert wrong.status_code == 400


def test_text_of_senders_is_escaped_and_hides_nothing(
    client: Client, application: Application
) -> None:
    hostile = '<script>alert("1")</script>\u202egnp.exe'
    fields: dict[str, Any] = dict.fromkeys(
        ("hostname", "user_id", "release", "user_agent", "referrer"), hostile
    )
    store(application, request(f"/{hostile}", route=f"/{hostile}", method='<i x="', **fields))
    path = f"/applications/{application.pk}/traffic/"
    answer = client.get(path, {"q": "<script>"}).content.decode()
    assert "<script>alert" not in answer.lower()
    assert "\u202e" not in answer
    elements(answer)


def test_the_list_is_had_as_a_file(client: Client, application: Application) -> None:
    store(application, request("/=cmd", user_id="=1+1"), request("/b", status=500))
    path = f"/applications/{application.pk}/traffic"
    text = b"".join(client.get(f"{path}.csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(text.splitlines()))
    assert sorted(row["path"] for row in rows) == ["/=cmd", "/b"]
    assert "'=1+1" in [row["user"] for row in rows]
    lines = b"".join(client.get(f"{path}.ndjson?status=500").streaming_content).splitlines()  # type: ignore[attr-defined]
    assert [json.loads(line)["path"] for line in lines] == ["/b"]
    assert client.get(f"{path}.csv?status=x").status_code == 400


def test_strangers_get_404_and_those_who_are_not_signed_in_the_sign_in_page(
    client: Client, application: Application
) -> None:
    path = f"/applications/{application.pk}/traffic/"
    stranger = Client()
    stranger.force_login(create_user())
    assert stranger.get(path).status_code == 404
    assert Client().get(path)["Location"] == f"/account/sign-in/?next={path}"
