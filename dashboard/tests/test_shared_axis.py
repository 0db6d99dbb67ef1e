"""Events and requests share one axis of time, and one range from page to page."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applications.factories import create_application, create_member
from applications.models import Application, Membership
from dashboard import shared_axis
from dashboard.tests.reading_pages import Elements, elements
from ingest import pipeline
from ingest.factories import create_batch, create_record, create_requests
from stats.asking import Asking, asked
from traffic.factories import create_request_record

pytestmark = pytest.mark.django_db
MINUTES = timedelta(minutes=1)
HOURS = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel("2026-11-21T10:30:30Z", tick=False):
        yield


@pytest.fixture
def application() -> Application:
    return create_application("shop")


@pytest.fixture
def client(client: Client, application: Application) -> Client:
    client.force_login(create_member(application, Membership.ADMIN))
    return client


def log(application: Application, *levels: int, ago: timedelta = MINUTES) -> None:
    batch = create_batch(*(create_record(level=level) for level in levels))
    pipeline.accept(application.pk, batch, received_at=timezone.now() - ago)


def ask(application: Application, *statuses: int, ago: timedelta = MINUTES) -> None:
    at = timezone.now() - ago
    records = [create_request_record("/a", status=one, occurred_at=at) for one in statuses]
    pipeline.accept(application.pk, create_requests(*records))


def page(client: Client, application: Application, path: str = "", /, **query: Any) -> Elements:
    address = f"/applications/{application.pk}/{path}?{urlencode(query, doseq=True)}"
    answer = client.get(address)
    assert answer.status_code == 200
    return elements(answer.content.decode())


def drawn(found: Elements, name: str = "beside") -> Any:
    scripts = [one for one in found.all("script") if one.attributes.get("id") == f"{name}-json"]
    return json.loads(scripts[0].text) if scripts else None


def counts(found: Elements) -> dict[str, int]:
    return {one["label"]: sum(one["values"]) for one in drawn(found)["series"]}


def at(told: Any, ago: timedelta) -> dict[str, int]:
    """What a chart tells of the bucket of a moment."""
    starts = [start for start in told["starts"] if start <= (timezone.now() - ago).isoformat()]
    return {one["label"]: one["values"][len(starts) - 1] for one in told["series"]}


@pytest.mark.parametrize("range_", ["1h", "24h", "7d", "30d", "90d"])
def test_errors_are_drawn_below_the_requests_over_the_same_buckets(
    client: Client, application: Application, range_: str
) -> None:
    ask(application, 200, 500)
    log(application, 10, 20, 30, 40, 40, 50)
    log(application, 40, ago=HOURS)
    found = page(client, application, "traffic/", range=range_)
    beside, course = drawn(found), drawn(found, "course")
    for shared in ("starts", "ends", "ticks", "titles", "incomplete", "zoom"):
        assert beside[shared] == course[shared]
    earlier = 0 if range_ == "1h" else 1
    assert counts(found) == {"ERROR": 2 + earlier, "CRITICAL": 1}
    latest = at(beside, MINUTES)
    assert latest["CRITICAL"] == 1
    assert at(course, MINUTES)["5xx"] == 1


@pytest.mark.parametrize("range_", ["1h", "24h", "7d", "30d", "90d"])
def test_requests_are_drawn_below_the_events_over_the_same_buckets(
    client: Client, application: Application, range_: str
) -> None:
    ask(application, 101, 200, 302, 404, 500, 503)
    ask(application, 200, ago=2 * HOURS)
    log(application, 40)
    found = page(client, application, range=range_)
    beside, course = drawn(found), drawn(found, "course")
    for shared in ("starts", "ends", "ticks", "titles", "incomplete", "zoom"):
        assert beside[shared] == course[shared]
    assert counts(found) == {"up to 4xx": 4 if range_ == "1h" else 5, "5xx": 2}
    assert at(beside, MINUTES)["5xx"] == 2
    assert at(course, MINUTES) == {"ERROR": 1}


def test_filters_of_the_page_are_not_those_of_what_is_beside_it(
    client: Client, application: Application
) -> None:
    ask(application, 200, 404)
    log(application, 20, 40)
    assert counts(page(client, application, level="INFO", q="nothing"))["up to 4xx"] == 2
    assert counts(page(client, application, "traffic/", status="404")) == {"ERROR": 1}


def test_a_time_without_errors_is_told_and_one_without_events_is_not(
    client: Client, application: Application
) -> None:
    ask(application, 200)
    log(application, 20, ago=3 * HOURS)
    assert counts(page(client, application, "traffic/")) == {"ERROR": 0}
    assert drawn(page(client, application, "traffic/", range="1h")) is None


def test_where_there_is_one_kind_alone_nothing_is_beside_it(client: Client) -> None:
    asked, logged, new = (create_application() for _ in range(3))
    for one in (asked, logged, new):
        Membership.objects.create(application=one, user_id=client.session["_auth_user_id"])
    ask(asked, 200)
    log(logged, 40)
    for found in (
        page(client, asked, "traffic/"), page(client, asked), page(client, logged),
        page(client, logged, "traffic/"), page(client, new), page(client, new, "traffic/"),
    ):  # fmt: skip
        assert drawn(found) is None
        assert not found.all("div", "chart-beside")
    # Where the other kind begins meanwhile, the live refresh loads the page anew.
    mark = [one.attributes for one in page(client, logged).all("div") if "hidden" in one.attributes]
    assert {"id": "no-beside", "data-live": "whole-page", "hidden": ""} in mark


def test_what_is_beside_leads_to_its_page_in_the_same_time(
    client: Client, application: Application
) -> None:
    ask(application, 200, 500)
    log(application, 20, 40)
    path = f"/applications/{application.pk}/"
    found = page(client, application, "traffic/", range="7d", status="5xx")
    assert f"{path}?range=7d&level=ERROR&level=CRITICAL" in found.links()
    assert drawn(found)["leads_to"] == f"{path}?level=ERROR&level=CRITICAL"
    assert "range=7d" not in drawn(found)["zoom"]
    (hour,) = [link for link in found.links() if link.startswith(f"{path}?level=")]
    answer = client.get(hour)
    assert answer.context["figures"].tiles[0].count == 1
    found = page(client, application, range="7d", level="ERROR")
    assert f"{path}traffic/?range=7d" in found.links()
    (hour,) = [link for link in found.links() if link.startswith(f"{path}traffic/?since")]
    assert client.get(hour).context["tiles"]()[0].count == 2


def test_minutes_lead_to_the_other_page_too(client: Client, application: Application) -> None:
    ask(application, 200)
    log(application, 40)
    found = page(client, application, range="1h")
    (minute,) = [link for link in found.links() if "/traffic/?since" in link]
    query = parse_qs(urlsplit(minute).query)
    assert (query["since"], query["until"]) == (["2026-11-21T10:29:00Z"], ["2026-11-21T10:30:00Z"])


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({}, ""),
        ({"range": "24h"}, ""),
        ({"range": "30d", "figure": "errors", "level": "ERROR"}, "?range=30d"),
        (
            {"since": "2026-11-20T08:00:00+00:00", "until": "2026-11-20T09:00:00+00:00"},
            "?since=2026-11-20T08%3A00%3A00%2B00%3A00&until=2026-11-20T09%3A00%3A00%2B00%3A00",
        ),
    ],
)
def test_the_range_stays_when_one_goes_from_events_to_traffic_and_back(
    client: Client, application: Application, query: dict[str, str], kept: str
) -> None:
    ask(application, 200)
    log(application, 40)
    path = f"/applications/{application.pk}/"
    for page_ in ("", "traffic/"):
        links = page(client, application, page_, **query).links()
        tabs = [link for link in links if urlsplit(link).path in (path, f"{path}traffic/")]
        assert {f"{path}{kept}", f"{path}traffic/{kept}"} <= set(tabs)
    assert {path, f"{path}traffic/"} <= set(page(client, application, "settings/").links())


@asked
def _nothing(*_: object) -> Asking[None]:
    yield from ()


def test_it_is_one_reading_more(
    client: Client, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(application, 200, 500, ago=30 * HOURS)
    log(application, 20, 40, ago=30 * HOURS)
    for path, reading in (("", "requests_beside"), ("traffic/", "errors_beside")):
        with CaptureQueriesContext(connection) as without, monkeypatch.context() as patch:
            patch.setattr(shared_axis, reading, _nothing)
            page(client, application, path, range="7d")
        with CaptureQueriesContext(connection) as queries:
            page(client, application, path, range="7d")
        more = [one["sql"] for one in queries][len(without) :]
        assert len(queries) - len(without) == 1, more


def test_requests_of_long_ago_are_read_by_the_minute(
    client: Client, application: Application
) -> None:
    ago = timedelta(days=6)
    ask(application, *[200] * 5, ago=ago)
    log(application, 40, ago=ago)
    since = timezone.now() - ago - HOURS
    query = {"since": since.isoformat(), "until": (since + 2 * HOURS).isoformat()}
    assert counts(page(client, application, **query)) == {"up to 4xx": 5, "5xx": 0}
