"""Values of the environment: what they become, and how those that can't be used end the start."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from loghandler import env
from loghandler.env import MailServer
from loghandler.tests.running import ROOT

SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", MailServer("django.core.mail.backends.dummy.EmailBackend")),
        ("console:", MailServer("django.core.mail.backends.console.EmailBackend")),
        ("smtp://localhost", MailServer(SMTP, "localhost", 25)),
        (
            "submission://ann:p%40ss%2F@mail.example.com",
            MailServer(SMTP, "mail.example.com", 587, "ann", "p@ss/", starttls=True),
        ),
        ("smtps://mail.example.com:4650", MailServer(SMTP, "mail.example.com", 4650, tls=True)),
    ],
)
def test_a_mail_server_is_one_address(
    monkeypatch: pytest.MonkeyPatch, url: str, expected: MailServer
) -> None:
    monkeypatch.setenv("MAIL", url)
    assert env.mail_server("MAIL") == expected


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com",
        "http://mail.example.com",
        "smtp://",
        "smtp://mail.example.com:x",
        "smtp://secret@mail.example.com/path",
        "smtp://secret@mail.example.com?tls=1",
        "smtp://[mail",
        "console",
    ],
)
def test_what_is_no_mail_server_is_refused_without_repeating_its_password(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("MAIL", url)
    with pytest.raises(ImproperlyConfigured, match="MAIL can't be used") as refusal:
        env.mail_server("MAIL")
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", "http://127.0.0.1:8000"),
        ("https://logs.example.com/", "https://logs.example.com"),
        ("https://example.com/logs", "https://example.com/logs"),
    ],
)
def test_an_address_has_no_slash_at_its_end(
    monkeypatch: pytest.MonkeyPatch, value: str, expected: str
) -> None:
    monkeypatch.setenv("ADDRESS", value)
    assert env.web_address("ADDRESS", "http://127.0.0.1:8000") == expected


@pytest.mark.parametrize(
    "value", ["logs.example.com", "ftp://example.com", "https://", "https://x/?a=b", "https://[x"]
)
def test_what_is_no_address_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("ADDRESS", value)
    with pytest.raises(ImproperlyConfigured, match="use an address as https://host"):
        env.web_address("ADDRESS", "")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("LOGHANDLER_EXPIRY_DAYS", "-1", "use a number from 0 to 36500"),
        ("LOGHANDLER_EXPIRY_DAYS", "never", "use a whole number"),
        ("LOGHANDLER_EXPIRY_GRACE_DAYS", "0", "use a number from 1 to 36500"),
        ("LOGHANDLER_EXPIRY_GRACE_DAYS", "1000000000", "use a number from 1 to 36500"),
    ],
)
def test_an_expiry_that_can_not_be_meant_ends_the_start(
    name: str, value: str, sentence: str
) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", "import loghandler.settings"],
        cwd=ROOT,
        env={**os.environ, name: value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert f"{name} is " in answer.stderr
    assert sentence in answer.stderr
