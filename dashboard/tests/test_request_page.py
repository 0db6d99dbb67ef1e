"""The page of one request: all that is stored of it, and the way to what belongs to it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from applications.factories import create_application, create_member, create_user
from applications.models import Application
from dashboard import request_facts, request_pace
from dashboard.tests.reading_pages import Elements, elements
from events.models import Event
from ingest import pipeline
from ingest.factories import create_batch, create_record, create_requests
from traffic.factories import create_request_record
from traffic.models import Request

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0"


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


def stored(
    application: Application, path: str = "/a", *, ago: timedelta = 60 * SECOND, **fields: Any
) -> Request:
    record = create_request_record(path, occurred_at=timezone.now() - ago, **fields)
    (accepted,) = pipeline.accept(application.pk, create_requests(record)).requests
    return Request.objects.get(pk=accepted.id)


def raised(application: Application, message: str = "Boom", **fields: Any) -> Event:
    batch = create_batch(create_record(message, **fields))
    outcome = pipeline.accept(application.pk, batch, received_at=timezone.now() - 60 * SECOND)
    return Event.objects.get(pk=outcome.accepted[0].id)


def address(request: Request, query: str = "") -> str:
    return f"/applications/{request.application_id}/traffic/requests/{request.pk}/{query}"


def page(client: Client, request: Request, query: str = "") -> Elements:
    answer = client.get(address(request, query))
    assert answer.status_code == 200
    return elements(answer.content.decode())


def facts(found: Elements) -> dict[str, str]:
    return dict(zip(found.texts("dt"), found.texts("dd"), strict=True))


EVERYTHING: dict[str, Any] = {
    "method": "POST",
    "route": "/v2/users/{id}",
    "status": 503,
    "duration_ms": 1_234.5,
    "hostname": "api.example.com",
    "ip_address": ip_address("192.0.2.7"),
    "user_agent": AGENT,
    "user_id": "a&b",
    "framework": "FastAPI",
    "request_bytes": 812,
    "response_bytes": 15_234,
    "referrer": "https://example.com/from",
    "release": "1+1",
    "environment": "production",
    "trace_id": "4bf92f",
    "request_id": UUID(int=7),
}


# --- Access --------------------------------------------------------------------------------


def test_a_viewer_sees_the_request_and_a_stranger_does_not(
    client: Client, application: Application
) -> None:
    request = stored(application)
    assert page(client, request).texts("h1") == ["GET /a"]
    client.force_login(create_user())
    assert client.get(address(request)).status_code == 404
    assert Client().get(address(request)).headers["Location"].startswith("/account/sign-in/")


@pytest.mark.parametrize("request_id", [uuid4(), UUID(int=2**128 - 1)])
def test_a_request_that_is_gone_leads_to_the_others(
    client: Client, application: Application, request_id: UUID
) -> None:
    answer = client.get(f"/applications/{application.pk}/traffic/requests/{request_id}/")
    found = elements(answer.content.decode())
    assert answer.status_code == 404
    assert found.texts("h1") == ["This request is not stored here"]
    assert f"/applications/{application.pk}/traffic/" in found.links()


def test_a_request_of_another_application_is_not_found(
    client: Client, application: Application
) -> None:
    foreign = stored(create_application())
    path = f"/applications/{application.pk}/traffic/requests/{foreign.pk}/"
    assert client.get(path).status_code == 404


def test_it_can_only_be_read(client: Client, application: Application) -> None:
    assert client.post(address(stored(application))).status_code == 405


# --- What it shows -------------------------------------------------------------------------


def test_all_that_is_stored_is_told(client: Client, application: Application) -> None:
    request = stored(application, "/v2/users/42?x=1", **EVERYTHING)
    found = page(client, request)
    told = facts(found)
    assert told["Status"] == "503 Service Unavailable"
    assert told["Path"] == "/v2/users/42?x"
    assert told["Answer size"] == "15.2 kB (15,234 bytes)"
    assert told["User agent"] == AGENT
    assert (told["Client"], told["System"], told["Device"]) == ("Chrome", "Linux", "Desktop")
    assert told["Address"] == "192.0.2.7"
    assert told["API version"] == "v2"
    assert told["In UTC"] == "2026-11-21 10:29:30.000 UTC"
    assert told["Request"] == str(request.pk)
    assert told["Sender’s id"] == str(UUID(int=7))
    assert told["Trace"] == "4bf92f"
    told_json = json.loads(found.texts("pre", "text")[0])
    assert (told_json["id"], told_json["user"]) == (str(request.pk), "a&b")


def test_times_are_those_of_the_viewer(client: Client, application: Application) -> None:
    client.cookies["zone"] = "Asia/Tokyo"
    assert facts(page(client, stored(application)))["Occurred"] == "21 Nov 2026, 19:29:30.000"


def test_what_was_not_told_takes_no_room(client: Client, application: Application) -> None:
    told = facts(page(client, stored(application)))
    assert not {"Host", "User", "Address", "Release", "Trace", "Answer size"} & set(told)


FILTERS = {
    "method": "POST",
    "status": "503",
    "hostname": "api.example.com",
    "version": "v2",
    "user": "a&b",
    "client": "Chrome",
    "system": "Linux",
    "device": "Desktop",
    "referrer": "https://example.com/from",
    "release": "1+1",
    "environment": "production",
    "framework": "FastAPI",
    "q": "/v2/users/42?x",
}


def test_each_value_leads_to_the_requests_that_share_it(
    client: Client, application: Application
) -> None:
    request = stored(application, "/v2/users/42?x=1", ago=timedelta(days=3), **EVERYTHING)
    links = [link for link in page(client, request).links() if "/traffic/?" in link]
    asked = [parse_qs(urlsplit(link).query) for link in links]
    for name, value in FILTERS.items():
        assert {name: [value], "range": ["7d"]} in asked
    assert {"method": ["POST"], "route": ["/v2/users/{id}"], "range": ["7d"]} in asked
    for link in links:
        answer = client.get(link).content.decode()
        assert f"/traffic/requests/{request.pk}/" in answer, link


def test_a_country_is_told_by_name(client: Client, application: Application) -> None:
    found = page(client, stored(application, country="FR"))
    assert facts(found)["Country"] == "France (FR)"
    assert f"/applications/{application.pk}/traffic/?country=FR" in found.links()


@pytest.mark.parametrize(
    ("number", "words"), [(200, "200 OK"), (0, "0, none was told"), (799, "799")]
)
def test_statuses_have_their_names(number: int, words: str) -> None:
    assert request_facts.status(number) == words


def test_text_of_senders_is_escaped_and_hides_nothing(
    client: Client, application: Application
) -> None:
    hostile = '<script>alert("1")</script>\u202egnp.exe'
    names = ("hostname", "user_id", "release", "user_agent", "referrer", "trace_id", "framework")
    fields: dict[str, Any] = dict.fromkeys(names, hostile)
    request = stored(application, f"/{hostile}", route=f"/{hostile}", method='<i x="', **fields)
    answer = client.get(address(request)).content.decode()
    assert "<script>alert" not in answer.lower()
    assert "\u202e" not in answer
    elements(answer)


# --- How long it took ----------------------------------------------------------------------


def test_its_duration_is_told_beside_those_of_its_route_on_that_day(
    client: Client, application: Application
) -> None:
    for n in range(9):
        stored(application, f"/items/{n}", duration_ms=100, ago=timedelta(hours=n))
    stored(application, "/items/10", duration_ms=7, ago=timedelta(days=2))
    stored(application, "/other", duration_ms=7)
    slow = stored(application, "/items/99", duration_ms=2_000)
    found = page(client, slow)
    assert float(facts(found)["p50"].removesuffix(" ms")) == pytest.approx(100, rel=0.03)
    (words,) = found.texts("p", "course-counts")
    assert words == "2 s slower than 90.0 % of its route’s requests"
    assert "failing-some" in found.all("b")[0].classes
    (day,) = [one for one in found.all("a") if "requests of the route" in one.text]
    assert day.text == "10 requests of the route"
    answer = client.get(day.attributes["href"])
    assert answer.content.decode().count("request-path") == 10


@pytest.mark.parametrize(
    ("counts", "bucket", "words"),
    [
        ({100: 1}, 100, ""),
        ({100: 50}, 100, ""),
        ({100: 90, 120: 10}, 120, "slower than 90.0 %"),
        ({100: 10, 120: 90}, 100, "faster than 90.0 %"),
    ],
)
def test_where_a_duration_stands(counts: dict[int, int], bucket: int, words: str) -> None:
    assert request_pace.words(counts, bucket) == words


def test_the_picture_marks_the_bar_of_the_request() -> None:
    spark = request_pace.picture({100: 5, 101: 3, 130: 1}, 130)
    assert spark is not None
    drawn = dict(spark.paths)
    assert drawn[request_pace.THIS].startswith(f"M{spark.width - 1} ")
    assert drawn[request_pace.OTHERS].startswith("M0 ")
    assert request_pace.picture({100: 5}, 100) is None


# --- What belongs to it --------------------------------------------------------------------


def test_the_error_it_raised_and_its_trace_are_linked(
    client: Client, application: Application
) -> None:
    event_id = uuid4()
    error = raised(application, event_id=event_id, trace_id="t")
    other = raised(application, "Cart loaded", trace_id="t")
    sibling = stored(application, "/sibling", trace_id="t")
    request = stored(application, event_id=event_id, trace_id="t")
    found = page(client, request)
    assert {"The error it raised", "Events of this trace", "Other requests of this trace"} <= set(
        found.texts("h2")
    )
    events = f"/applications/{application.pk}/events"
    assert {f"{events}/{error.pk}/", f"{events}/{other.pk}/", address(sibling)} <= set(
        found.links()
    )
    assert found.texts("a", "related-event-row")[0].split()[:2] == ["ERROR", "Boom"]


def test_an_error_that_is_not_found_is_named(client: Client, application: Application) -> None:
    event_id = uuid4()
    found = page(client, stored(application, event_id=event_id))
    assert f"Its sender named the event {event_id}, which was not found." in found.texts("p")


def test_an_event_leads_to_the_request_that_raised_it(
    client: Client, application: Application
) -> None:
    at = timezone.now() - 60 * SECOND
    error = raised(application, event_id=uuid4(), occurred_at=at, trace_id="t")
    path = f"/applications/{application.pk}/events/{error.pk}/"
    assert "Requests of this event" not in client.get(path).content.decode()
    stored(application, "/before", trace_id="t", ago=61 * SECOND)
    request = stored(application, event_id=error.event_id)
    found = elements(client.get(path).content.decode())
    first, *others = found.all("a", "related-request-row")
    assert first.attributes["href"] == address(request)
    assert " ".join(first.text.split()) == "200 GET /a raised it 12 ms"
    assert len(others) == 1
    assert "raised it" not in others[0].text


# --- The list around it --------------------------------------------------------------------


def test_rows_of_the_list_lead_to_it_and_it_leads_back(
    client: Client, application: Application
) -> None:
    request = stored(application, status=404)
    listed = client.get(f"/applications/{application.pk}/traffic/?range=7d&status=4xx")
    rows = [
        one for one in elements(listed.content.decode()).all("a") if "request-row" in one.classes
    ]
    link = f"{address(request)}?range=7d&status=4xx"
    assert [row.attributes["href"] for row in rows] == [link]
    back = elements(client.get(link).content.decode()).links()
    assert f"/applications/{application.pk}/traffic/?range=7d&status=4xx#requests" in back


def steps(found: Elements) -> dict[str, str]:
    links = [one for one in found.all("a") if "rel" in one.attributes]
    return {one.attributes["rel"]: one.attributes["href"] for one in links}


def test_the_next_ones_are_those_of_the_list(client: Client, application: Application) -> None:
    statuses = (404, 200, 404, 200, 404)
    requests = [
        stored(application, f"/{n}", ago=n * 60 * SECOND, status=status)
        for n, status in enumerate(statuses, 1)
    ]
    middle = requests[2]
    assert steps(page(client, middle)) == {
        "prev": address(requests[3]),
        "next": address(requests[1]),
    }
    query = "?status=4xx"
    assert steps(page(client, middle, query)) == {
        "prev": address(requests[4], query),
        "next": address(requests[0], query),
    }
    ends = page(client, requests[0], query)
    assert set(steps(ends)) == {"prev"}
    assert "Newest" in ends.texts("span", "step-end")


def test_a_range_that_it_is_not_in_gives_way_to_one_that_it_is_in(
    client: Client, application: Application
) -> None:
    older, request = (stored(application, ago=timedelta(days=days)) for days in (3, 2.5))
    found = page(client, request, "?range=1h&method=GET")
    query = "?range=7d&method=GET"
    assert steps(found) == {"prev": address(older, query)}
    assert f"/applications/{application.pk}/traffic/{query}#requests" in found.links()


def test_filters_that_can_not_be_used_are_left_out(
    client: Client, application: Application
) -> None:
    found = page(client, stored(application), "?status=fine&before=x")
    assert f"/applications/{application.pk}/traffic/#requests" in found.links()


# --- What it costs -------------------------------------------------------------------------


def test_the_number_of_queries_is_known(
    client: Client, application: Application, django_assert_num_queries: Any
) -> None:
    event_id = uuid4()
    raised(application, event_id=event_id)
    for n in range(20):
        stored(application, f"/items/{n}", ago=n * SECOND, trace_id="t")
    request = stored(application, event_id=event_id, trace_id="t", user_agent=AGENT)
    page(client, request)
    with django_assert_num_queries(12):
        page(client, request)
