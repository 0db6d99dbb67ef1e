import csv
import json
from collections.abc import Iterable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from applications.factories import create_application, create_member
from applications.models import Application
from events.records import json_of
from ingest import pipeline
from ingest.factories import create_batch, create_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def application() -> Application:
    return create_application("shop")


@pytest.fixture
def client(client: Client, application: Application) -> Client:
    client.force_login(create_member(application))
    return client


def store(application: Application, *messages: str, **fields: Any) -> None:
    received_at = timezone.now() - timedelta(minutes=1)
    records = [create_record(message, **fields) for message in messages]
    pipeline.accept(application.pk, create_batch(*records), received_at=received_at)


def exported(client: Client, application: Application, name: str) -> str:
    answer = client.get(f"/applications/{application.pk}/{name}")
    content: Iterable[bytes] = answer.streaming_content  # type: ignore[attr-defined]
    return b"".join(content).decode()


def test_csv_has_the_events_of_the_filters_newest_first(
    client: Client, application: Application
) -> None:
    store(application, "first", 'with "quotes", commas\nand lines', tags=json_of({"a": 1}))
    store(application, "filtered", level=20)
    lines = list(
        csv.DictReader(StringIO(exported(client, application, "events.csv?level=ERROR")[1:]))
    )
    assert [line["message"] for line in lines] == ['with "quotes", commas\nand lines', "first"]
    assert (lines[0]["level"], lines[0]["tags"]) == ("ERROR", '{"a": 1}')


def test_csv_runs_no_formula_of_a_sender(client: Client, application: Application) -> None:
    store(application, '=HYPERLINK("http://evil")', logger="@SUM(1)", release="-1")
    [line] = csv.DictReader(StringIO(exported(client, application, "events.csv")[1:]))
    assert line["message"] == '\'=HYPERLINK("http://evil")'
    assert (line["logger"], line["release"]) == ("'@SUM(1)", "'-1")


def test_ndjson_has_all_that_is_stored(client: Client, application: Application) -> None:
    store(
        application, "a\u2028b", stack=json_of(["x"]), user=json_of("me"), data=json_of({"k": None})
    )
    [line] = exported(client, application, "events.ndjson").split("\n")[:-1]
    told = json.loads(line)
    assert (told["message"], told["stack"], told["user"]) == ("a\u2028b", ["x"], "me")
    assert told["data"] == {"k": None}
    answer = client.get(f"/apps/{application.pk}/events/{told['id']}")
    assert answer.json() == told


def test_ndjson_holds_integers_of_any_length_and_times_in_utc(
    client: Client, application: Application
) -> None:
    client.cookies["browser_zone"] = "Asia/Tokyo"
    store(application, "large", data=json_of({"n": 10**30}))
    store(application, "small")
    rows = list(map(json.loads, exported(client, application, "events.ndjson").splitlines()))
    assert {row["message"]: row["data"] for row in rows} == {"large": {"n": 10**30}, "small": None}
    assert all(row["received_at"].endswith("Z") for row in rows)


def test_all_events_are_exported_however_many_pages_they_are(
    client: Client, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.exports._BATCH", 7)
    store(application, *map(str, range(30)))
    lines = exported(client, application, "events.ndjson").splitlines()
    assert [json.loads(line)["message"] for line in lines] == [str(n) for n in reversed(range(30))]


def test_a_file_is_named_for_its_application(client: Client, application: Application) -> None:
    answer = client.get(f"/applications/{application.pk}/events.csv")
    assert answer["Content-Disposition"] == 'attachment; filename="shop.csv"'


def test_a_filter_that_can_not_be_used_exports_nothing(
    client: Client, application: Application
) -> None:
    assert client.get(f"/applications/{application.pk}/events.csv?level=LOUD").status_code == 400
