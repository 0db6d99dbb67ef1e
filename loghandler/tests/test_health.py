from datetime import date

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from ingest import pipeline
from loghandler import health, partitions


@pytest.fixture
def no_writer_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "writer_alive", lambda: True)


def test_livez_answers_without_a_database_and_for_any_host(client: Client) -> None:
    answer = client.get("/livez", headers={"host": "10.1.2.3:8000"})
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "checks": {}}
    assert answer["Cache-Control"] == "no-store"


def test_other_paths_still_refuse_a_foreign_host(client: Client) -> None:
    assert client.get("/apps/", headers={"host": "10.1.2.3:8000"}).status_code == 400


@pytest.mark.django_db
@pytest.mark.usefixtures("no_writer_needed")
@pytest.mark.parametrize("path", ["/readyz", "/readyz/"])
def test_readyz_is_ok_when_everything_is_there(client: Client, path: str) -> None:
    partitions.ensure()
    answer = client.get(path)
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert set(answer.json()["checks"]) == {"database", "migrations", "partitions", "writer"}


@pytest.mark.django_db
@pytest.mark.usefixtures("no_writer_needed")
def test_readyz_asks_two_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    partitions.ensure()
    client.get("/readyz")
    with django_assert_num_queries(2):
        client.get("/readyz")


@pytest.mark.django_db
@pytest.mark.usefixtures("no_writer_needed")
def test_readyz_names_the_partitions_that_are_missing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "today", lambda: date(2001, 1, 1))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "unavailable"
    assert "events_event_20010102" in answer.json()["checks"]["partitions"]


@pytest.mark.django_db
@pytest.mark.usefixtures("no_writer_needed")
def test_readyz_counts_the_migrations_that_are_not_applied(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Executor:
        def __init__(self, connection: object) -> None:
            self.loader = self.graph = self

        def leaf_nodes(self) -> list[str]:
            return []

        def migration_plan(self, leaves: list[str]) -> list[str]:
            return ["events.0002"]

    monkeypatch.setattr(health, "_migrations_applied", False)
    monkeypatch.setattr(health, "MigrationExecutor", Executor)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["migrations"].startswith("1 migrations are not applied")


@pytest.mark.usefixtures("no_writer_needed")
def test_readyz_hides_where_a_silent_database_is(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: object) -> None:
        raise OperationalError("connection to 10.0.0.5 as loghandler failed")

    monkeypatch.setattr(BaseDatabaseWrapper, "cursor", refuse)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "PostgreSQL does not answer (OperationalError)"


@pytest.mark.django_db
def test_readyz_says_that_the_writer_has_ended(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    partitions.ensure()
    monkeypatch.setattr(pipeline, "writer_alive", lambda: False)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "writer" in answer.json()["checks"]["writer"]
