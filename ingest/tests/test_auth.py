"""Who may send. The wire contract is in test_contract.py; here each refusal has its sentence."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from applications import keys
from applications.factories import create_application, create_key
from applications.models import Application, Key

pytestmark = pytest.mark.django_db


@pytest.fixture
def application() -> Application:
    return create_application()


def send(application_id: object, key: str | None, **headers: str) -> tuple[int, Any]:
    given = {"X-INGEST-KEY": key} if key is not None else {}
    response = Client(headers=given | headers).post(
        f"/apps/{application_id}/events", {"message": "Boom"}, content_type="application/json"
    )
    return response.status_code, response.json()


def test_an_ingest_key_opens_its_application_with_and_without_dashes(
    application: Application,
) -> None:
    key = create_key(application)
    dashed = f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}".upper()
    assert send(application.pk, key)[0] == 201
    assert send(application.pk, dashed)[0] == 201


def test_a_key_is_enough_to_tell_the_application(application: Application) -> None:
    create_application()
    status, event = send("-", create_key(application))
    assert (status, event["application_id"]) == (201, application.pk)
    answer = Client(headers={"X-INGEST-KEY": create_key(application)}).post(
        "/apps/-/requests",
        {"method": "GET", "path": "/", "status": 200},
        content_type="application/json",
    )
    assert (answer.status_code, answer.json()["application_id"]) == (201, application.pk)
    assert send("-", "0" * 32)[0] == 401
    closed = create_application(active=False)
    assert send("-", create_key(closed))[0] == 403
    assert Client().get("/apps/-/events").status_code in {401, 404}  # it opens nothing to read


def test_refusals_say_why(application: Application) -> None:
    key, read_key = create_key(application), create_key(application, Key.READ)
    other = create_application()
    closed = create_application(active=False)
    cases: list[tuple[object, str | None, int, str]] = [
        (application.pk, None, 401, "Send the application's ingest key as X-INGEST-KEY."),
        (application.pk, "", 401, "Send the application's ingest key as X-INGEST-KEY."),
        (application.pk, "nonsense", 401, "There is no such key."),
        (application.pk, "0" * 32, 401, "There is no such key."),
        (application.pk, read_key, 401, f"The key {read_key[:8]}… is for reading"),
        (other.pk, key, 403, f"The key {key[:8]}… belongs to another application."),
        (closed.pk, create_key(closed), 403, "This application is inactive"),
        (10**9, key, 404, "There is no such application."),
        ("shop", key, 404, "There is no such application."),
    ]
    for application_id, secret, status, sentence in cases:
        found, answer = send(application_id, secret)
        assert found == status, answer
        assert answer["errors"]["detail"][0].startswith(sentence)


def test_a_revoked_key_is_refused_with_its_prefix_and_when_it_ended(
    application: Application,
) -> None:
    issued = keys.issue(application, Key.INGEST)
    with time_machine.travel("2026-11-21T08:00:00Z", tick=False):
        keys.revoke(issued.key)
    status, answer = send(application.pk, issued.secret)
    assert status == 401
    expected = f"The key {issued.key.prefix}… ended at 2026-11-21T08:00:00Z."
    assert answer == {"errors": {"detail": [expected]}}


def test_both_keys_work_until_the_grace_period_is_over(application: Application) -> None:
    old = keys.issue(application, Key.INGEST)
    new = keys.rotate(application, Key.INGEST, grace=timedelta(hours=1)).issued
    now = timezone.now()
    for minutes, statuses in ((59, [201, 201]), (61, [401, 201])):
        with time_machine.travel(now + timedelta(minutes=minutes)):
            assert [send(application.pk, key.secret)[0] for key in (old, new)] == statuses


def test_no_other_credential_opens_ingestion(
    application: Application, admin_client: Client, settings: Any
) -> None:
    settings.API_ACCESS = "open"
    for header in (
        {"X-AUTH-TOKEN": create_key(application, Key.READ)},
        {"Authorization": f"Bearer {create_key(application)}"},
    ):
        assert send(application.pk, None, **header)[0] == 401
    response = admin_client.post(
        f"/apps/{application.pk}/events", {"message": "x"}, content_type="application/json"
    )
    assert response.status_code == 401


def test_an_ingest_key_reads_nothing(application: Application) -> None:
    client = Client(headers={"X-INGEST-KEY": create_key(application)})
    for path in ("", "/events", "/stats/by-level", "/stats/timeseries", "/stats/top-messages"):
        assert client.get(f"/apps/{application.pk}{path}").status_code == 401


def test_use_is_noted_to_the_minute(application: Application) -> None:
    issued = keys.issue(application, Key.INGEST)
    with time_machine.travel("2026-11-21T08:00:30Z"):
        send(application.pk, issued.secret)
    issued.key.refresh_from_db()
    assert issued.key.last_used_at is not None
    assert f"{issued.key.last_used_at:%H:%M:%S}" == "08:00:00"


def test_sending_costs_no_query_of_its_own_once_the_key_is_known(
    application: Application, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """What stores the events goes through psycopg and is pinned in test_pipeline.py."""
    key = create_key(application)
    with time_machine.travel("2026-11-21T08:00:30Z", tick=False):
        send(application.pk, key)
        with django_assert_num_queries(0):
            assert send(application.pk, key)[0] == 201


def test_a_page_of_another_site_may_send_and_read_the_answer(application: Application) -> None:
    origin = {"Origin": "https://shop.example"}
    asked = Client(headers=origin).options(
        f"/apps/{application.pk}/events",
        headers={"Access-Control-Request-Method": "POST"},
    )
    assert asked.status_code == 200
    assert asked["Access-Control-Allow-Origin"] == "*"
    assert "x-ingest-key" in asked["Access-Control-Allow-Headers"]
    refused = Client(headers=origin).post(f"/apps/{application.pk}/events")
    assert refused.status_code == 401
    assert refused["Access-Control-Allow-Origin"] == "*"
    key = create_key(application)
    sent = Client(headers=origin | {"X-INGEST-KEY": key}).post(
        f"/apps/{application.pk}/events", {"message": "Boom"}, content_type="application/json"
    )
    assert sent.status_code == 201
    assert sent["Access-Control-Allow-Origin"] == "*"
    listed = Client(headers=origin).get(f"/apps/{application.pk}/events")
    assert "Access-Control-Allow-Origin" not in listed
