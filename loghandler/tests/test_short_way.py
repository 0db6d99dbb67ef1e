"""What is sent passes by the middleware of people's pages, and by nothing that refuses."""

from typing import Any

import pytest
from django.test import Client

from applications.factories import create_application, create_key
from applications.models import Application
from ingest import pipeline

pytestmark = pytest.mark.django_db
EVENT = {"message": "Boom"}


@pytest.fixture
def application() -> Application:
    return create_application()


def send(application: Application, key: str, **headers: str) -> Any:
    client = Client(headers={"X-INGEST-KEY": key} | headers, raise_request_exception=False)
    return client.post(f"/apps/{application.pk}/events", EVENT, content_type="application/json")


def test_what_is_sent_passes_by_what_pages_need(application: Application) -> None:
    sent = send(application, create_key(application))
    assert sent.status_code == 201
    assert set(sent.headers) == {"Content-Type", "Content-Length"}
    assert int(sent["Content-Length"]) == len(sent.content)


def test_the_rest_takes_the_long_way(application: Application) -> None:
    listed = Client().get(f"/apps/{application.pk}/events")
    created = Client().post("/apps/new", {"name": "shop"}, content_type="application/json")
    for answer in (listed, created):
        assert "Content-Security-Policy" in answer
        assert "Referrer-Policy" in answer


def test_a_key_is_enough_whatever_the_host_is_called(application: Application) -> None:
    assert send(application, create_key(application), Host="log-handler:8000").status_code == 201


def test_a_refusal_of_the_short_way_has_the_shape_of_every_other(application: Application) -> None:
    refused = send(application, "0" * 32)
    assert refused.status_code == 401
    assert refused["WWW-Authenticate"] == "X-INGEST-KEY"
    assert list(refused.json()["errors"]) == ["detail"]
    assert int(refused["Content-Length"]) == len(refused.content)


def test_an_error_of_ours_is_answered_in_json(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(pipeline, "accept", broken)
    failed = send(application, create_key(application))
    assert failed.status_code == 500
    assert list(failed.json()["errors"]) == ["detail"]
