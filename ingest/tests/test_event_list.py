"""The list of events over REST: filters, pages, and that a page costs what it shows."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from rest_framework.renderers import JSONRenderer

from applications.factories import create_application, create_key
from applications.models import Application, Key
from events.models import Event
from events.records import EventRecord, json_of
from events.serializers import EventOutput
from ingest import pipeline
from ingest.factories import create_batch, create_record
from stats import finding, listing

pytestmark = pytest.mark.django_db


@pytest.fixture
def application() -> Application:
    return create_application()


@pytest.fixture
def reader(application: Application) -> Client:
    return Client(headers={"X-AUTH-TOKEN": create_key(application, Key.READ)})


def accept(application: Application, *records: EventRecord, at: datetime | None = None) -> None:
    pipeline.accept(application.pk, create_batch(*records), received_at=at)


def page(reader: Client, application: Application, query: str = "") -> dict[str, Any]:
    response = reader.get(f"/apps/{application.pk}/events?{query}")
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def messages(reader: Client, application: Application, query: str = "") -> list[str]:
    return [item["message"] for item in page(reader, application, query)["items"]]


def test_the_newest_come_first_in_the_order_they_were_sent(
    reader: Client, application: Application
) -> None:
    accept(application, *(create_record(f"{n}") for n in range(3)))
    accept(application, create_record("3"))
    assert messages(reader, application) == ["3", "2", "1", "0"]


@pytest.mark.parametrize("query", ["limit=3", "limit=1", "limit=4"])
def test_pages_by_offset_and_by_cursor_show_every_event_once(
    reader: Client, application: Application, query: str
) -> None:
    accept(application, *(create_record(f"{n}") for n in range(8)))
    for name in ("offset", "cursor"):
        seen: list[str] = []
        position: object = "" if name == "cursor" else 0
        while position is not None:
            found = page(reader, application, f"{query}&{name}={position}")
            seen += [item["message"] for item in found["items"]]
            position = found[f"next_{name}"]
        assert seen == [f"{n}" for n in reversed(range(8))]


def test_a_cursor_stays_where_it_was_when_newer_events_arrive_and_its_own_is_deleted(
    reader: Client, application: Application
) -> None:
    accept(application, *(create_record(f"{n}") for n in range(4)))
    cursor = page(reader, application, "limit=2")["next_cursor"]
    accept(application, create_record("new"))
    Event.objects.filter(id=cursor).delete()
    assert messages(reader, application, f"cursor={cursor}") == ["1", "0"]


FILTERS = [
    ("level=ERROR", ["error"]),
    ("level=error,critical", ["critical", "error"]),
    ("level=ERROR&level=CRITICAL", ["critical", "error"]),
    ("min_level=ERROR", ["critical", "error"]),
    ("min_level=WARNING&level=INFO,ERROR", ["error"]),
    ("q=RITI", ["critical"]),
    ("q=%25", []),
    ("q=_", []),
    ("tag=service:checkout", ["critical", "info"]),
    ("tag=n:1", ["error", "info"]),
    ("tag=n:1&tag=service:checkout", ["info"]),
    ("tag=on:true", ["error"]),
    ("tag=a:b:c", ["critical"]),
    ("environment=production", ["critical"]),
    ("release=1.0", ["critical"]),
    ("logger=app", ["critical"]),
    ("environment=production&level=INFO", []),
]


@pytest.mark.parametrize(("query", "expected"), FILTERS)
def test_filters_choose(
    reader: Client, application: Application, query: str, expected: list[str]
) -> None:
    accept(
        application,
        create_record("info", level=20, tags=json_of({"service": "checkout", "n": "1"})),
        create_record("error", level=40, tags=json_of({"n": 1, "on": True})),
        create_record(
            "critical",
            level=50,
            tags=json_of({"service": "checkout", "a": "b:c"}),
            environment="production",
            release="1.0",
            logger="app",
        ),
    )
    assert messages(reader, application, query) == expected


def test_since_is_inclusive_and_until_exclusive(reader: Client, application: Application) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    for seconds in range(3):
        accept(application, create_record(f"{seconds}"), at=now + timedelta(seconds=seconds))
    since, until = now + timedelta(seconds=1), now + timedelta(seconds=2)
    query = f"since={since:%Y-%m-%dT%H:%M:%SZ}&until={until:%Y-%m-%dT%H:%M:%S}%2B00:00"
    assert messages(reader, application, query) == ["1"]
    # A '+' that was not escaped arrives as a space.
    assert messages(reader, application, f"since={until:%Y-%m-%dT%H:%M:%S}+00:00") == ["2"]


BAD_PARAMETERS = [
    ("since=yesterday", "since", "Use an ISO 8601 time"),
    ("until=1700000000", "until", "Use an ISO 8601 time"),
    ("since=1600-01-01", "since", "Use a time between the years 1971 and 2999."),
    ("since=2026-01-02&until=2026-01-01", "until", "It must be later than since"),
    ("level=LOUD", "level", "'LOUD' is no level; use DEBUG, INFO, WARNING, ERROR, CRITICAL."),
    ("min_level=LOUD", "min_level", "'LOUD' is no level"),
    ("tag=service", "tag", "Use name:value"),
    ("cursor=7", "cursor", "Enter a valid UUID."),
    ("limit=51", "limit", "Ensure this value is less than or equal to 50."),
    ("limit=0", "limit", "Ensure this value is greater than or equal to 1."),
    ("offset=-1", "offset", "Ensure this value is greater than or equal to 0."),
]


@pytest.mark.parametrize(("query", "name", "sentence"), BAD_PARAMETERS)
def test_bad_parameters_are_named(
    reader: Client, application: Application, query: str, name: str, sentence: str
) -> None:
    response = reader.get(f"/apps/{application.pk}/events?{query}")
    assert response.status_code == 400
    errors = response.json()["errors"]
    assert list(errors) == [name]
    assert errors[name][0].startswith(sentence)


def test_what_is_shown_is_what_was_answered_when_it_was_sent(
    reader: Client, application: Application
) -> None:
    body = {
        "message": "Boom",
        "level": "WARN",
        "occurred_at": "2026-11-21T08:00:00.123456+01:00",
        "stack": [{"file": "a.py", "line": 3}],
        "tags": {"n": 1},
        "event_id": str(uuid4()),
        "environment": "production",
        "user": "alice",
        "order": 7,
    }
    sent = Client().post(
        f"/apps/{application.pk}/events",
        body,
        content_type="application/json",
        headers={"X-INGEST-KEY": create_key(application)},
    )
    assert sent.status_code == 201
    shown = reader.get(f"/apps/{application.pk}/events/{sent.json()['id']}")
    assert shown.json() == sent.json()
    assert shown.json()["occurred_at"] == "2026-11-21T07:00:00.123456Z"
    assert shown.json()["data"] == {"order": 7}


def test_an_event_is_shown_only_in_its_application(
    reader: Client, application: Application
) -> None:
    other = create_application()
    accept(other, create_record())
    for id_ in (Event.objects.get().pk, uuid4(), "7"):
        response = reader.get(f"/apps/{application.pk}/events/{id_}")
        assert response.status_code == 404
        assert response.json() == {"errors": {"detail": ["There is no such event."]}}


@pytest.mark.parametrize(
    "query", ["", "level=ERROR", "q=boom&tag=n:1", "min_level=INFO&environment=production"]
)
def test_a_full_page_costs_two_queries(
    reader: Client,
    application: Application,
    django_assert_num_queries: DjangoAssertNumQueries,
    query: str,
) -> None:
    record = create_record("Boom", level=40, tags=json_of({"n": 1}), environment="production")
    accept(application, *[record] * 40)
    page(reader, application)  # the key is remembered from here on
    for limit in (2, 39):
        with django_assert_num_queries(2):  # the application, the events
            assert len(page(reader, application, f"{query}&limit={limit}")["items"]) == limit


@pytest.mark.parametrize("query", ["", "level=ERROR", "q=boom&tag=a:b&level=ERROR"])
def test_a_page_that_is_not_full_costs_few_queries_whatever_it_shows(
    reader: Client,
    application: Application,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    query: str,
) -> None:
    page(reader, application)
    for count in (0, 1, 40):
        accept(application, *(create_record() for _ in range(count)))
        with django_assert_max_num_queries(6):  # the closed days, the days and the hours beside
            page(reader, application, f"limit=50&{query}")


def test_a_search_that_takes_too_long_says_how_far_it_came_and_goes_on_by_cursor(
    reader: Client, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    for hours in range(12):
        message = "needle" if hours % 3 == 0 else "straw"
        accept(application, create_record(f"{message} {hours}"), at=now - timedelta(hours=hours))
    monkeypatch.setattr(finding, "MOST_ROWS", 2)
    monkeypatch.setattr(listing, "RECENT_ROWS", 1)
    monkeypatch.setattr(listing, "PATIENCE", 0)
    found = [page(reader, application, "q=needle&limit=3")]
    while found[-1]["next_cursor"]:
        cursor = found[-1]["next_cursor"]
        found.append(page(reader, application, f"q=needle&limit=3&cursor={cursor}"))
    shown = [item["message"] for each in found for item in each["items"]]
    assert shown == [f"needle {hours}" for hours in (0, 3, 6, 9)]
    assert {each["next_offset"] for each in found} == {None}
    *searched, last = [each["searched_until"] for each in found]
    ends = [now - timedelta(hours=hours) for hours in (1, 3, 5, 7, 9)]
    assert searched == [f"{end:%Y-%m-%dT%H:%M:%SZ}" for end in ends]
    assert last is None


def test_what_is_listed_is_what_the_description_tells(
    reader: Client, application: Application
) -> None:
    accept(application, create_record(), create_record(event_id=uuid4(), stack=json_of([{}])))
    events = Event.objects.newest_first()
    described = JSONRenderer().render(EventOutput(events, many=True).data)
    found = page(reader, application)
    assert found["items"] == json.loads(described)
    schema = Client().get("/schema", headers={"accept": "application/json"}).json()
    listed = schema["components"]["schemas"]["PaginatedEventOutputList"]
    assert listed["properties"].keys() == found.keys()


@pytest.mark.parametrize(
    "query", ["", "level=ERROR", "q=boom", "tag=n:1", "offset=30", "cursor={deep}"]
)
def test_a_page_that_fills_early_reads_little(
    reader: Client, application: Application, query: str
) -> None:
    """The newest partition fills the page: older ones and their rows are not touched."""
    now = datetime.now(UTC)
    records = [create_record(tags=json_of({"n": 1})) for _ in range(400)]
    for days in range(2):
        for _ in range(5):
            accept(application, *records, at=now - timedelta(days=days))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE events_event")
    deep = Event.objects.of(application.pk).newest_first()[3_000]
    read_before = _rows_read()
    found = messages(reader, application, f"{query.format(deep=deep.pk)}&limit=10")
    assert len(found) == 10
    assert _rows_read() - read_before < 100


def _rows_read() -> int:
    """Rows that this transaction has fetched from the events' partitions."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(sum(pg_stat_get_xact_tuples_fetched(oid)
                + pg_stat_get_xact_tuples_returned(oid)), 0)::bigint
            FROM pg_class WHERE relname LIKE 'events_event_2%' AND relkind = 'r'
            """
        )
        (read,) = cursor.fetchone()
    return int(read)
