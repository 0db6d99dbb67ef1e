from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks
from pytest_django import Settings

from loghandler import checks


def ids(found: list[CheckMessage]) -> list[str | None]:
    assert all(message.hint for message in found)
    return [message.id for message in found]


def test_the_tests_themselves_run_with_usable_settings() -> None:
    assert not [found for found in run_checks() if (found.id or "").startswith("loghandler.")]


@pytest.mark.parametrize(
    ("key", "expected"),
    [("", ["loghandler.E001"]), ("x" * 31, ["loghandler.E002"]), ("x" * 32, [])],
)
def test_a_secret_key_must_be_there_and_long(
    settings: Settings, key: str, expected: list[str]
) -> None:
    settings.SECRET_KEY = key
    assert ids(checks.secret_key()) == expected


def test_an_open_api_is_reported_before_production(settings: Settings) -> None:
    settings.API_ACCESS = "token"
    assert ids(checks.open_api_in_production()) == []
    settings.API_ACCESS = "open"
    assert ids(checks.open_api_in_production()) == ["loghandler.W001"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"API_ACCESS": "open", "HOST": "127.0.0.1"}, []),
        ({"API_ACCESS": "open", "HOST": "::1"}, []),
        ({"API_ACCESS": "open", "HOST": "localhost"}, []),
        ({"API_ACCESS": "token", "HOST": "0.0.0.0"}, []),  # noqa: S104
        ({"API_ACCESS": "open", "HOST": "0.0.0.0"}, ["loghandler.E003"]),  # noqa: S104
        ({"API_ACCESS": "open", "HOST": "logs.example.com"}, ["loghandler.E003"]),
        ({"API_ACCESS": "open", "ALLOWED_HOSTS": ["*"]}, ["loghandler.E004"]),
        ({"API_ACCESS": "open", "ALLOWED_HOSTS": [".example.com"]}, ["loghandler.E004"]),
        ({"API_ACCESS": "token", "ALLOWED_HOSTS": ["*"]}, []),
        ({"DEBUG": True, "HOST": "127.0.0.1"}, []),
        ({"DEBUG": True, "HOST": "192.0.2.1"}, ["loghandler.E005"]),
    ],
)
def test_openness_and_debugging_stay_on_this_machine(
    settings: Settings, changes: dict[str, Any], expected: list[str]
) -> None:
    settings.API_ACCESS = "token"
    for name, value in changes.items():
        setattr(settings, name, value)
    assert ids(checks.exposed_openness()) == expected


def test_limits_that_contradict_each_other_are_found(settings: Settings) -> None:
    assert ids(checks.contradicting_limits()) == []
    settings.MAX_EVENT_BYTES = settings.MAX_BODY_BYTES + 1
    settings.MAX_BATCH_EVENTS = settings.QUEUE_EVENTS + 1
    assert ids(checks.contradicting_limits()) == ["loghandler.E006", "loghandler.E007"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}, []),
        ({}, ["loghandler.E010"]),
        ({"DEFAULT_FROM_EMAIL": "logs@example.com"}, []),
    ],
)
def test_mail_has_a_sender(
    settings: Settings, changes: dict[str, Any], expected: list[str]
) -> None:
    settings.EMAIL_BACKEND = checks.SMTP
    for name, value in changes.items():
        setattr(settings, name, value)
    assert ids(checks.mail_without_sender()) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["loghandler.W002"]),
        ({"EMAIL_USE_TLS": True}, []),
        ({"EMAIL_USE_SSL": True}, []),
        ({"EMAIL_HOST": "localhost"}, []),
        ({"EMAIL_HOST_PASSWORD": ""}, []),
    ],
)
def test_the_password_of_the_mail_server_is_encrypted(
    settings: Settings, changes: dict[str, Any], expected: list[str]
) -> None:
    settings.EMAIL_BACKEND = checks.SMTP
    settings.EMAIL_HOST, settings.EMAIL_HOST_PASSWORD = "mail.example.com", "secret"
    for name, value in changes.items():
        setattr(settings, name, value)
    assert ids(checks.mail_in_the_open()) == expected


class Database:
    display_name = "SQLite"

    def __init__(self, vendor: str, version: int) -> None:
        self.vendor = vendor
        self.pg_version = version


@pytest.mark.parametrize(
    ("database", "expected"),
    [
        (Database("sqlite", 0), ["loghandler.E008"]),
        (Database("postgresql", 140_011), ["loghandler.E009"]),
        (Database("postgresql", 150_000), []),
        (Database("postgresql", 180_004), []),
    ],
)
def test_another_or_an_old_database_is_refused(
    monkeypatch: pytest.MonkeyPatch, database: Database, expected: list[str]
) -> None:
    monkeypatch.setattr(checks, "connections", {"default": database})
    assert ids(checks.database_version(databases=["default"])) == expected


def test_without_a_database_at_hand_its_version_is_not_asked() -> None:
    assert checks.database_version(databases=None) == []
